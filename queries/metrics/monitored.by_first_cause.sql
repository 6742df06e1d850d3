/*
title: 首要致贫返贫风险
unit: 户
definition: 监测对象按首要风险划分, 每户只计第一项, 各项之和等于户数
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [monitored_households]
regions: [province, county, township]
rows: places
absent: zero
note: 每户只计首要风险
refresh: change
disclosure: {counts: [households], of: monitored, partition: first_cause}
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
GROUP BY place, cause
