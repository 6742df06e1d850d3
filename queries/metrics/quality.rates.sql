/*
title: 帮扶成效比率
unit: "%"
definition: 措施覆盖率 = 风险未消除且至少落实一项措施的户 ÷ 风险未消除户; 帮扶及时率 = 自计划起在参数 measure.due_days 所定天数内落实的措施 ÷ 已落实或已过期限的措施; 风险消除率 = 风险消除户 ÷ 监测对象
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 期限为参数, 见其依据
source: 精准施策子系统
tables: [households, measures, parameters, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {counts: [households], of: monitored, tells: [eliminated, remaining, covered]}
daily: true
columns:
  - {name: households, title: 监测对象, type: count, unit: 户}
  - {name: coverage, title: 措施覆盖率, type: number, unit: '%'}
  - {name: timeliness, title: 帮扶及时率, type: number, unit: '%'}
  - {name: elimination, title: 风险消除率, type: number, unit: '%'}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     (SELECT value FROM parameters FINAL WHERE name = 'measure.due_days') AS due_days
SELECT s.scope AS scope,
       c.households AS households,
       round(100 * c.covered / nullIf(c.at_risk, 0), 2) AS coverage,
       round(100 * c.in_time / nullIf(c.due, 0), 2) AS timeliness,
       round(100 * c.eliminated / nullIf(c.households, 0), 2) AS elimination
FROM (SELECT toString(code) AS scope FROM regions FINAL WHERE level != 'village' AND applicable) AS s
LEFT JOIN
(
    SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
           sum(t.households) AS households,
           sum(t.at_risk) AS at_risk,
           sum(t.covered) AS covered,
           sum(t.eliminated) AS eliminated,
           sum(t.in_time) AS in_time,
           sum(t.due) AS due
    FROM
    (
        SELECT intDiv(village, 1000) AS township,
               count() AS households,
               countIf(state = 'monitored') AS at_risk,
               countIf(state = 'monitored'
                       AND household IN (SELECT household FROM measures FINAL WHERE delivered_at IS NOT NULL)) AS covered,
               countIf(state = 'eliminated') AS eliminated,
               0 AS in_time,
               0 AS due
        FROM households FINAL
        WHERE state != 'removed'
        GROUP BY township
        UNION ALL
        SELECT intDiv(village, 1000) AS township,
               0, 0, 0, 0,
               countIf(within AND delivered_at IS NOT NULL),
               countIf(NOT within OR delivered_at IS NOT NULL)
        FROM
        (
            SELECT village, delivered_at,
                   dateDiff('day', toDate(planned_at, 'Asia/Shanghai'),
                            coalesce(toDate(delivered_at, 'Asia/Shanghai'), toDate({now:DateTime('Asia/Shanghai')}))) <= due_days AS within
            FROM measures FINAL
        )
        GROUP BY township
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY scope
) AS c ON c.scope = s.scope
