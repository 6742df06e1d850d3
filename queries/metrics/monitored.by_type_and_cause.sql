/*
title: 类型与首要风险
unit: 户
definition: 监测对象按类型与首要风险交叉划分, 每户只计一格
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [households, regions]
regions: [province, county]
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
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     ['unstable_lifted', 'marginal_poor', 'sudden_hardship'] AS types,
     ['illness', 'disability', 'schooling', 'disaster', 'accident', 'labour_shortage', 'failed_production',
      'unstable_employment', 'housing', 'drinking_water', 'other'] AS causes
SELECT toString(g.code) AS scope,
       g.type AS type,
       g.cause AS cause,
       t.households AS households,
       t.persons AS persons
FROM
(
    SELECT code,
           arrayJoin(arrayEnumerate(types)) AS type_place,
           arrayJoin(arrayEnumerate(causes)) AS cause_place,
           types[type_place] AS type,
           causes[cause_place] AS cause
    FROM regions FINAL
    WHERE level IN ('province', 'county') AND applicable
) AS g
LEFT JOIN
(
    SELECT arrayJoin(if(r.code = 0, [province], [r.parent, province])) AS code,
           t.type AS type,
           t.cause AS cause,
           sum(t.households) AS households,
           sum(t.persons) AS persons
    FROM
    (
        SELECT intDiv(village, 1000) AS township,
               toString(h.type) AS type,
               toString(h.causes[1]) AS cause,
               count() AS households,
               sum(persons) AS persons
        FROM households AS h FINAL
        WHERE state != 'removed'
        GROUP BY township, type, cause
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY code, type, cause
) AS t ON t.code = g.code AND t.type = g.type AND t.cause = g.cause
ORDER BY g.code, g.type_place, g.cause_place
