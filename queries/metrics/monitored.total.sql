/*
title: 监测对象
unit: 户
definition: 累计识别的监测对象, 含风险已消除的; 不含移出名单的
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [households, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored}
daily: true
columns:
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       sum(t.households) AS households,
       sum(t.persons) AS persons
FROM
(
    SELECT intDiv(village, 1000) AS township,
           count() AS households,
           sum(persons) AS persons
    FROM households FINAL
    WHERE state != 'removed'
    GROUP BY township
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope
