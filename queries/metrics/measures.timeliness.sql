/*
title: 帮扶及时率
unit: 项
definition: 自计划之日起, 在参数 measure.due_days 所定天数内落实的为及时, 其后落实的为逾期落实; 未落实的, 已过期限为逾期未落实, 未过为期限内; 及时率 = 及时 ÷ (及时 + 逾期落实 + 逾期未落实); 期限未设时无法判断, 为缺报
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 期限为参数, 见其依据
source: 精准施策子系统
tables: [measures, parameters, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {counts: [all = measures, delivered = in_time + late], of: measures, partition: delivery, overlapping: true}
columns:
  - {name: measures, title: 措施数, type: count, unit: 项}
  - {name: in_time, title: 及时落实, type: count, unit: 项}
  - {name: late, title: 逾期落实, type: count, unit: 项}
  - {name: overdue, title: 逾期未落实, type: count, unit: 项}
  - {name: pending, title: 期限内, type: count, unit: 项}
  - {name: rate, title: 帮扶及时率, type: number, unit: '%'}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     (SELECT value FROM parameters FINAL WHERE name = 'measure.due_days') AS due_days
SELECT s.scope AS scope,
       m.measures AS measures,
       if(due_days IS NULL, NULL, m.in_time) AS in_time,
       if(due_days IS NULL, NULL, m.late) AS late,
       if(due_days IS NULL, NULL, m.overdue) AS overdue,
       if(due_days IS NULL, NULL, m.pending) AS pending,
       round(100 * m.in_time / nullIf(m.in_time + m.late + m.overdue, 0), 2) AS rate
FROM (SELECT toString(code) AS scope FROM regions FINAL WHERE level != 'village' AND applicable) AS s
LEFT JOIN
(
    SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
           sum(t.measures) AS measures,
           sum(t.in_time) AS in_time,
           sum(t.late) AS late,
           sum(t.overdue) AS overdue,
           sum(t.pending) AS pending
    FROM
    (
        SELECT township,
               count() AS measures,
               countIf(within AND delivered_at IS NOT NULL) AS in_time,
               countIf(NOT within AND delivered_at IS NOT NULL) AS late,
               countIf(NOT within AND delivered_at IS NULL) AS overdue,
               countIf(within AND delivered_at IS NULL) AS pending
        FROM
        (
            -- Days from the plan to the delivery, or to today where there is none yet.
            SELECT intDiv(village, 1000) AS township,
                   delivered_at,
                   dateDiff('day', toDate(planned_at, 'Asia/Shanghai'),
                            coalesce(toDate(delivered_at, 'Asia/Shanghai'), toDate({now:DateTime('Asia/Shanghai')}))) <= due_days AS within
            FROM measures FINAL
        )
        GROUP BY township
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY scope
) AS m ON m.scope = s.scope
