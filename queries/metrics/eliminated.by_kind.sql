/*
title: 消除方式
unit: 户
definition: 最近一次事件为风险消除的监测对象, 按帮扶消除、自然消除划分; 消除后回退的不计, 已移出的不计, 按户现在的村归属
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [monitored_households, eliminated_households]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored, within: with_event, partition: elimination_kind}
columns:
  - {name: kind, title: 消除方式, type: code, codes: elimination_kind}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
SELECT h.place AS place,
       e.kind AS kind,
       count() AS households,
       sum(h.persons) AS persons
FROM (SELECT household, place, persons FROM monitored_households) AS h
INNER JOIN (SELECT household, kind FROM eliminated_households) AS e ON e.household = h.household
GROUP BY place, kind
