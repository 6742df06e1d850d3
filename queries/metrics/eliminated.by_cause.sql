/*
title: 消除户风险
unit: 户
definition: 风险已消除的监测对象按首要致贫返贫风险划分, 每户只计一次; 消除后回退的不计
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [monitored_households]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored, within: eliminated, partition: first_cause}
columns:
  - {name: cause, title: 首要风险, type: code, codes: cause}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
SELECT place,
       causes[1] AS cause,
       count() AS households,
       sum(persons) AS persons
FROM monitored_households
WHERE state = 'eliminated'
GROUP BY place, cause
