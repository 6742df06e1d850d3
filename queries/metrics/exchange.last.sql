/*
title: 部门最近送达
unit: 条
definition: 各部门最近一批的送达日期、记录数与退回数, 以及本月状态 (已送达、空报、缺报、未到期、不要求); 从未送达的为缺报
policy: 中农组发〔2021〕7号 (部门筛查预警); 截止日见参数表 push_schedule 各行依据
source: 数据中心
tables: [exchange_deliveries, push_schedule, regions]
regions: [province]
absent: missing
refresh: day
disclosure: {shown: "部门交换批次, 不涉个人"}
columns:
  - {name: department, title: 部门, type: code, codes: department}
  - {name: delivered, title: 最近送达, type: text}
  - {name: records, title: 记录数, type: count, unit: 条}
  - {name: rejected, title: 退回数, type: count, unit: 条}
  - {name: state, title: 本月状态, type: text}
*/
-- A department delivers about once a month: all its deliveries are few, so that
-- the last one is found however long ago it was.
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today,
     toStartOfMonth(today) AS this_month
SELECT toString(province) AS scope,
       toString(s.department) AS department,
       toString(toDate(maxOrNullIf(s.delivered_at, s.delivery = 1), 'Asia/Shanghai')) AS delivered,
       argMaxOrNullIf(s.records, (s.delivered_at, s.id), s.delivery = 1) AS records,
       argMaxOrNullIf(s.rejected, (s.delivered_at, s.id), s.delivery = 1) AS rejected,
       multiIf(countIf(s.delivery = 1 AND s.month = this_month) > 0, if(sumIf(s.records, s.month = this_month) > 0, '已送达', '空报'),
               max(s.due) = 1, '缺报',
               max(s.expected) = 1, '未到期', '不要求') AS state
FROM
(
    SELECT department, delivered_at, delivery AS id, toStartOfMonth(period) AS month, records, rejected, 1 AS delivery, 0 AS due, 0 AS expected
    FROM exchange_deliveries FINAL
    UNION ALL
    SELECT department, toDateTime64(0, 3, 'UTC'), 0, this_month, 0, 0, 0, expected AND due_day < toDayOfMonth(today), expected
    FROM push_schedule FINAL
) AS s
GROUP BY s.department
ORDER BY s.department
