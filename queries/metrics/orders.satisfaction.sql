/*
title: 工单满意度
unit: 件
definition: 近九十日 (含今日) 答复的工单按农户评价划分; 未评价的不列
policy: 国办发〔2020〕53号《关于进一步优化地方政务服务便民热线的指导意见》
source: 农户信息服务子系统
tables: [work_orders]
regions: [province, county, township]
rows: places
absent: zero
note: 未评价的不列
refresh: day
disclosure: {shown: "工单按来电来访计数, 不涉农户状况"}
columns:
  - {name: satisfaction, title: 满意度, type: code, codes: satisfaction}
  - {name: orders, title: 工单数, type: count, unit: 件}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(village, 1000) AS place,
       satisfaction,
       count() AS orders
FROM work_orders FINAL
WHERE satisfaction IS NOT NULL AND toDate(answered_at, 'Asia/Shanghai') BETWEEN today - 89 AND today
GROUP BY place, satisfaction
