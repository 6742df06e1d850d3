/*
title: 消除户风险
unit: 户
definition: 风险已消除的监测对象按首要致贫返贫风险划分, 每户只计一次; 消除后回退的不计
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [households, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored, within: eliminated, partition: first_cause}
columns:
  - {name: cause, title: 首要风险, type: code, codes: cause}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.cause) AS cause,
       sum(t.households) AS households,
       sum(t.persons) AS persons
FROM
(
    SELECT intDiv(village, 1000) AS township,
           causes[1] AS cause,
           count() AS households,
           sum(persons) AS persons
    FROM households FINAL
    WHERE state = 'eliminated'
    GROUP BY township, cause
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, cause
