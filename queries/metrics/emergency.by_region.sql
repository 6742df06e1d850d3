/*
title: 应急受影响分布
unit: 户
definition: 最近启动且尚未结束的应急事件的受影响农户按下一级区划划分
policy: 《中华人民共和国突发事件应对法》
source: 应急响应监测子系统
tables: [emergencies, emergency_households, regions]
regions: [province, county]
absent: zero
refresh: change
disclosure: {counts: [households], of: emergency}
columns:
  - {name: region, title: 区划, type: region}
  - {name: households, title: 受影响户数, type: count, unit: 户}
  - {name: persons, title: 受影响人数, type: count, unit: 人}
  - {name: loss, title: 损失, type: money, unit: 元}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     (
         SELECT emergency
         FROM emergencies FINAL
         WHERE ended_at IS NULL
         ORDER BY started_at DESC, emergency DESC
         LIMIT 1
     ) AS newest
SELECT toString(pair.1) AS scope,
       toString(pair.2) AS region,
       sum(t.households) AS households,
       sum(t.persons) AS persons,
       sum(t.loss) AS loss
FROM
(
    SELECT intDiv(village, 1000) AS township,
           count() AS households,
           sum(persons) AS persons,
           sum(loss) AS loss
    FROM emergency_households FINAL
    WHERE emergency = newest
    GROUP BY township
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
ARRAY JOIN [(province, r.parent), (r.parent, r.code)] AS pair
WHERE r.code != 0
GROUP BY scope, region
