/*
title: 风险未消除
unit: 户
definition: 监测对象中风险尚未消除、仍在监测帮扶的
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [monitored_households]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored, partition: risk, part: remaining}
daily: true
columns:
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
SELECT place,
       count() AS households,
       sum(persons) AS persons
FROM monitored_households
WHERE state = 'monitored'
GROUP BY place
