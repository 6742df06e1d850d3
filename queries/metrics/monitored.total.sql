/*
title: 监测对象
unit: 户
definition: 累计识别的监测对象, 含风险已消除的; 不含移出名单的
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [monitored_households]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored}
daily: true
columns:
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
SELECT place,
       count() AS households,
       sum(persons) AS persons
FROM monitored_households
GROUP BY place
