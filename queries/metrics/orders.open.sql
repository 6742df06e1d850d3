/*
title: 在办工单
unit: 件
definition: 尚未答复的全部工单按受理渠道划分; 办结时限早于本小时起点的为超期
policy: 国办发〔2020〕53号《关于进一步优化地方政务服务便民热线的指导意见》
source: 农户信息服务子系统
tables: [work_orders]
regions: [province, county, township]
rows: places
absent: zero
refresh: hour
disclosure: {shown: "工单按来电来访计数, 不涉农户状况"}
daily: true
columns:
  - {name: door, title: 受理渠道, type: code, codes: door}
  - {name: open, title: 在办, type: count, unit: 件}
  - {name: overdue, title: 超期, type: count, unit: 件}
*/
SELECT intDiv(village, 1000) AS place,
       door,
       count() AS open,
       countIf(due_at < {now:DateTime('Asia/Shanghai')}) AS overdue
FROM work_orders FINAL
WHERE answered_at IS NULL
GROUP BY place, door
