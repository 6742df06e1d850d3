/*
title: 健康状况
unit: 人
definition: 有画像的监测对象家庭成员按健康状况计人数; 一人可有多种状况, 各项之和可大于人数; 户数为有该类成员的户
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [profiles, households, regions]
regions: [province, county, township]
absent: zero
note: 可多选, 各项之和可大于人数
refresh: change
disclosure: {counts: [households], of: monitored, within: with_profile, partition: health, overlapping: true}
columns:
  - {name: health, title: 健康状况, type: code, codes: health_state}
  - {name: persons, title: 人数, type: count, unit: 人}
  - {name: households, title: 涉及户数, type: count, unit: 户}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       t.part.1 AS health,
       sum(t.part.2) AS persons,
       sum(t.part.3) AS households
FROM
(
    SELECT intDiv(h.village, 1000) AS township,
           arrayJoin([
               ('healthy', sum(healthy), countIf(healthy > 0)),
               ('chronic', sum(chronic), countIf(chronic > 0)),
               ('serious_illness', sum(serious_illness), countIf(serious_illness > 0)),
               ('disabled', sum(disabled), countIf(disabled > 0))
           ]) AS part
    FROM profiles AS p FINAL
    -- The household's row says where it lives now; the profile's may be older.
    INNER JOIN (SELECT household, village FROM households FINAL WHERE state != 'removed') AS h ON h.household = p.household
    GROUP BY township
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, health
