/*
title: 受益户
unit: 户
definition: 本年度有帮扶措施落实的监测对象, 已移出的不计; 一户多项措施只计一次, 按户现在的村归属
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准施策子系统
tables: [monitored_households, household_measures]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {counts: [households], of: monitored, partition: benefited, part: benefited, partial: true}
daily: true
columns:
  - {name: households, title: 受益户, type: count, unit: 户}
  - {name: persons, title: 受益人口, type: count, unit: 人}
*/
SELECT place,
       count() AS households,
       sum(persons) AS persons
FROM monitored_households
WHERE household IN (SELECT household FROM household_measures
                    WHERE has(years, toYear({now:DateTime('Asia/Shanghai')})))
GROUP BY place
