/*
title: 监测对象走访覆盖
unit: 户
definition: 风险未消除的监测对象中, 近 visit.due_days 日 (参数, 含今日) 内走访过的与没有走访过的; 入户调查、入户核实、帮扶走访、回访都算走访, 农户自己的申报不算; 周期未设时无法判断, 为缺报
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 走访周期为工作值
source: 精准扶贫APP
tables: [household_states, visits, parameters]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {counts: [visited, not_visited], of: monitored, within: remaining, partition: visited}
daily: true
parts: [households]
columns:
  - {name: visited, title: 已走访, type: count, unit: 户}
  - {name: not_visited, title: 未走访, type: count, unit: 户}
  - {name: rate, title: 走访覆盖率, type: number, unit: '%', ratio: {of: visited, to: households, times: 100}}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today,
     (SELECT value FROM parameters FINAL WHERE name = 'visit.due_days') AS due_days
SELECT place,
       if(due_days IS NULL, NULL, countIf(seen)) AS visited,
       if(due_days IS NULL, NULL, countIf(NOT seen)) AS not_visited,
       count() AS households
FROM
(
    -- A visit that arrived twice visits the same household: nothing to merge. Of half a
    -- million households that are visited one in fifty is monitored.
    SELECT place,
           household IN (SELECT household
                         FROM visits
                         PREWHERE household IN (SELECT household FROM household_states WHERE state = 'monitored')
                         WHERE toDate(at, 'Asia/Shanghai') > today - toInt32(assumeNotNull(due_days))
                           AND toDate(at, 'Asia/Shanghai') <= today
                           AND kind != 'self_report') AS seen
    FROM household_states
    WHERE state = 'monitored'
)
GROUP BY place
