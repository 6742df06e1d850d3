/*
title: 工单事由
unit: 件
definition: 近三十日 (含今日) 受理的工单按事由划分, 及其中尚未答复的
policy: 国办发〔2020〕53号《关于进一步优化地方政务服务便民热线的指导意见》
source: 农户信息服务子系统
tables: [work_orders]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "工单按来电来访计数, 不涉农户状况"}
columns:
  - {name: topic, title: 事由, type: code, codes: order_topic}
  - {name: opened, title: 受理, type: count, unit: 件}
  - {name: open, title: 其中在办, type: count, unit: 件}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(village, 1000) AS place,
       topic,
       count() AS opened,
       countIf(answered_at IS NULL) AS open
FROM work_orders FINAL
WHERE toDate(opened_at, 'Asia/Shanghai') BETWEEN today - 29 AND today
GROUP BY place, topic
