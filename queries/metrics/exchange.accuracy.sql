/*
title: 部门数据比对准确率
unit: '%'
definition: 近12个月 (含本月) 所属批次中, 比对一致的记录数占比对记录数的百分比; 没有比对的不计算
policy: 中农组发〔2021〕7号 (部门筛查预警); 截止日见参数表 push_schedule 各行依据
source: 数据中心
tables: [exchange_deliveries, push_schedule, regions]
regions: [province]
absent: missing
refresh: day
disclosure: {shown: "部门交换批次, 不涉个人"}
columns:
  - {name: department, title: 部门, type: code, codes: department}
  - {name: compared, title: 比对数, type: count, unit: 条}
  - {name: matched, title: 一致数, type: count, unit: 条}
  - {name: rate, title: 准确率, type: number, unit: '%'}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toStartOfMonth({now:DateTime('Asia/Shanghai')}) AS this_month,
     addMonths(this_month, -11) AS first_month
SELECT toString(province) AS scope,
       toString(s.department) AS department,
       sum(s.compared) AS compared,
       sum(s.matched) AS matched,
       100 * sum(s.matched) / nullIf(sum(s.compared), 0) AS rate
FROM
(
    SELECT department, compared, matched
    FROM exchange_deliveries FINAL
    -- Nothing is delivered more than a month before its month.
    WHERE toDate(delivered_at, 'Asia/Shanghai') >= addMonths(first_month, -1) AND toStartOfMonth(period) BETWEEN first_month AND this_month
    UNION ALL
    -- A department that delivered nothing compared nothing.
    SELECT department, 0, 0
    FROM push_schedule FINAL
) AS s
GROUP BY s.department
ORDER BY s.department
