/*
title: 类型与首要风险
unit: 户
definition: 监测对象按类型与首要风险交叉划分, 每户只计一格
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [monitored_households]
regions: [province, county]
rows: places
absent: zero
note: 每户只计首要风险
refresh: change
disclosure: {counts: [households], of: monitored, partition: type_and_cause, margins: [type, first_cause]}
columns:
  - {name: type, title: 类型, type: code, codes: monitored_type}
  - {name: cause, title: 首要风险, type: code, codes: cause}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
-- Not for townships: of 33 cells for some fifty households nearly none could be shown.
SELECT place,
       type,
       toString(causes[1]) AS cause,
       count() AS households,
       sum(persons) AS persons
FROM monitored_households
GROUP BY place, type, cause
