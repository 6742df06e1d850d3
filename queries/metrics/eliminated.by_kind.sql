/*
title: 消除方式
unit: 户
definition: 最近一次事件为风险消除的监测对象, 按帮扶消除、自然消除划分; 消除后回退的不计, 已移出的不计, 按户现在的村归属
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [eliminations, households, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored, within: eliminated, partition: elimination_kind}
columns:
  - {name: kind, title: 消除方式, type: code, codes: elimination_kind}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.kind) AS kind,
       sum(t.households) AS households,
       sum(t.persons) AS persons
FROM
(
    SELECT intDiv(h.village, 1000) AS township,
           e.last.2 AS kind,
           count() AS households,
           sum(h.persons) AS persons
    FROM (SELECT household, village, persons FROM households FINAL WHERE state != 'removed') AS h
    INNER JOIN
    (
        -- A rollback takes an elimination back: a household's last event is what holds.
        SELECT household, argMax((event, kind, at), (at, event)) AS last
        FROM eliminations FINAL
        GROUP BY household
        HAVING last.1 = 'eliminated'
    ) AS e ON e.household = h.household
    GROUP BY township, kind
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, kind
