/*
title: 帮扶成效比率
unit: "%"
definition: 措施覆盖率 = 风险未消除且至少落实一项措施的户 ÷ 风险未消除户; 帮扶及时率 = 自计划起在参数 measure.due_days 所定天数内落实的措施 ÷ 已落实或已过期限的措施; 风险消除率 = 风险消除户 ÷ 监测对象
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 期限为参数, 见其依据
source: 精准施策子系统
tables: [household_states, household_measures, measures, parameters]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {counts: [households], of: monitored, tells: [eliminated, remaining, covered]}
daily: true
parts: [at_risk, covered, eliminated, in_time, due]
columns:
  - {name: households, title: 监测对象, type: count, unit: 户}
  - {name: coverage, title: 措施覆盖率, type: number, unit: '%', ratio: {of: covered, to: at_risk, times: 100, digits: 2}}
  - {name: timeliness, title: 帮扶及时率, type: number, unit: '%', ratio: {of: in_time, to: due, times: 100, digits: 2}}
  - {name: elimination, title: 风险消除率, type: number, unit: '%', ratio: {of: eliminated, to: households, times: 100, digits: 2}}
*/
WITH (SELECT value FROM parameters FINAL WHERE name = 'measure.due_days') AS due_days
SELECT place,
       count() AS households,
       countIf(state = 'monitored') AS at_risk,
       countIf(state = 'monitored'
               AND household IN (SELECT household FROM household_measures WHERE delivered > 0)) AS covered,
       countIf(state = 'eliminated') AS eliminated,
       0 AS in_time,
       0 AS due
FROM household_states
GROUP BY place
UNION ALL
SELECT intDiv(village, 1000) AS place,
       0, 0, 0, 0,
       countIf(within AND delivered_at IS NOT NULL),
       countIf(NOT within OR delivered_at IS NOT NULL)
FROM
(
    SELECT village, delivered_at,
           dateDiff('day', toDate(planned_at, 'Asia/Shanghai'),
                    coalesce(toDate(delivered_at, 'Asia/Shanghai'), toDate({now:DateTime('Asia/Shanghai')}))) <= due_days AS within
    FROM measures FINAL
    WHERE due_days IS NOT NULL
)
GROUP BY place
