/*
title: 运维工单类别
unit: 件
definition: 未关闭的运维工单, 与近三十日 (含今日) 关闭的, 按类别划分
policy: GB/T 22239-2019《信息安全技术 网络安全等级保护基本要求》; 统计口径为工作值
source: 网格化运行维护子系统
tables: [tickets]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "运维工单不涉农户"}
columns:
  - {name: kind, title: 类别, type: code, codes: ticket_kind}
  - {name: open, title: 未关闭, type: count, unit: 件}
  - {name: closed, title: 近三十日关闭, type: count, unit: 件}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT region AS place,
       kind,
       countIf(closed_at IS NULL) AS open,
       countIf(toDate(closed_at, 'Asia/Shanghai') BETWEEN today - 29 AND today) AS closed
FROM tickets FINAL
GROUP BY region, kind
