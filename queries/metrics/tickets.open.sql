/*
title: 未关闭运维工单
unit: 件
definition: 未关闭的运维工单按级别划分; 到今日零时提交已满办理时限 (参数 ticket.due_days) 的为超期; 时限未设时无法判断, 为缺报
policy: GB/T 22239-2019《信息安全技术 网络安全等级保护基本要求》; 统计口径为工作值
source: 网格化运行维护子系统
tables: [tickets, parameters]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "运维工单不涉农户"}
columns:
  - {name: severity, title: 级别, type: code, codes: severity}
  - {name: open, title: 未关闭, type: count, unit: 件}
  - {name: overdue, title: 超期, type: count, unit: 件}
*/
WITH {now:DateTime('Asia/Shanghai')} - toIntervalDay((SELECT value FROM parameters FINAL WHERE name = 'ticket.due_days')) AS opened_before
SELECT region AS place,
       severity,
       count() AS open,
       if(opened_before IS NULL, NULL, countIf(opened_at <= opened_before)) AS overdue
FROM tickets FINAL
WHERE closed_at IS NULL
GROUP BY place, severity
