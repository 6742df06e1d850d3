/*
title: 工单受理渠道
unit: 件
definition: 近三十日 (含今日) 受理的工单按受理渠道划分, 及其中已答复的
policy: 国办发〔2020〕53号《关于进一步优化地方政务服务便民热线的指导意见》
source: 农户信息服务子系统
tables: [work_orders]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "工单按来电来访计数, 不涉农户状况"}
columns:
  - {name: door, title: 受理渠道, type: code, codes: door}
  - {name: opened, title: 受理, type: count, unit: 件}
  - {name: answered, title: 其中已答复, type: count, unit: 件}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(village, 1000) AS place,
       door,
       count() AS opened,
       countIf(answered_at IS NOT NULL) AS answered
FROM work_orders FINAL
WHERE toDate(opened_at, 'Asia/Shanghai') BETWEEN today - 29 AND today
GROUP BY place, door
