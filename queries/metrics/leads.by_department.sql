/*
title: 本月部门推送线索
unit: 条
definition: 本月收到的行业部门推送线索, 按推送部门计, 未注明部门的不列; 部门按约定应推送、截止日已过而交换平台没有本月批次的为缺报, 已送达而没有线索的和尚未到截止日的为0
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [leads, push_schedule, exchange_deliveries, regions]
regions: [province, county, township]
absent: zero
note: 缺报不是0
refresh: day
disclosure: {shown: "线索是上报与预警的条数, 不涉农户状况"}
columns:
  - {name: department, title: 部门, type: code, codes: department}
  - {name: leads, title: 线索数, type: count, unit: 条}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today,
     toStartOfMonth(today) AS this_month
SELECT toString(s.scope) AS scope,
       toString(s.department) AS department,
       if(max(s.silent) = 1, NULL, sum(s.leads)) AS leads
FROM
(
    SELECT arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province])) AS scope,
           t.department AS department, t.leads AS leads, 0 AS silent
    FROM
    (
        SELECT intDiv(village, 1000) AS township,
               assumeNotNull(department) AS department,
               count() AS leads
        FROM leads FINAL
        WHERE channel = 'department' AND isNotNull(department)
          AND toDate(reported_at, 'Asia/Shanghai') BETWEEN this_month AND today
        GROUP BY township, department
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    UNION ALL
    -- Silence of a department is silence about every region.
    SELECT g.code, d.department, 0, 1
    FROM (SELECT code FROM regions FINAL WHERE level != 'village' AND applicable) AS g
    CROSS JOIN
    (
        SELECT department
        FROM push_schedule FINAL
        WHERE expected AND due_day < toDayOfMonth(today)
          AND department NOT IN
          (
              SELECT department
              FROM exchange_deliveries FINAL
              -- Nothing is delivered more than a month before its month.
              WHERE toDate(delivered_at, 'Asia/Shanghai') >= addMonths(this_month, -1) AND toStartOfMonth(period) = this_month
          )
    ) AS d
) AS s
GROUP BY s.scope, s.department
