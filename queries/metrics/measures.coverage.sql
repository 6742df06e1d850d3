/*
title: 措施覆盖率
unit: 户
definition: 风险未消除的监测对象中, 至少落实一项帮扶措施的为已覆盖; 只有计划未落实的不算
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准施策子系统
tables: [household_states, household_measures]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [all = households, covered, uncovered], of: monitored, within: remaining, partition: covered}
daily: true
columns:
  - {name: households, title: 风险未消除, type: count, unit: 户}
  - {name: covered, title: 已覆盖, type: count, unit: 户}
  - {name: uncovered, title: 未覆盖, type: count, unit: 户}
  - {name: rate, title: 措施覆盖率, type: number, unit: '%', ratio: {of: covered, to: households, times: 100, digits: 2}}
*/
SELECT place,
       count() AS households,
       countIf(has_measure) AS covered,
       countIf(NOT has_measure) AS uncovered
FROM
(
    SELECT place, household IN (SELECT household FROM household_measures WHERE delivered > 0) AS has_measure
    FROM household_states
    WHERE state = 'monitored'
)
GROUP BY place
