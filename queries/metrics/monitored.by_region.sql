/*
title: 监测对象分布
unit: 户
definition: 监测对象按下一级区划划分
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [monitored_households]
regions: [province, county]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored}
columns:
  - {name: region, title: 区划, type: region}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
SELECT place,
       count() AS households,
       sum(persons) AS persons
FROM monitored_households
GROUP BY place
