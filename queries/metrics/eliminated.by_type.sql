/*
title: 消除户类型
unit: 户
definition: 风险已消除的监测对象按三类划分, 每户只属一类; 消除后回退的不计
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [monitored_households]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored, within: eliminated, partition: type}
columns:
  - {name: type, title: 类型, type: code, codes: monitored_type}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
SELECT place,
       type,
       count() AS households,
       sum(persons) AS persons
FROM monitored_households
WHERE state = 'eliminated'
GROUP BY place, type
