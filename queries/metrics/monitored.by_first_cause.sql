/*
title: 首要致贫返贫风险
unit: 户
definition: 监测对象按首要风险划分, 每户只计第一项, 各项之和等于户数
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [households, regions]
regions: [province, county, township]
absent: zero
note: 每户只计首要风险
refresh: change
disclosure: {counts: [households], of: monitored, partition: first_cause}
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
    WHERE state != 'removed'
    GROUP BY township, cause
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, cause
