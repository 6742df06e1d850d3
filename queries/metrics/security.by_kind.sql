/*
title: 两不愁三保障未达标
unit: 户
definition: 有画像的监测对象中, 吃、穿、义务教育、基本医疗、住房安全、饮水安全未有保障的户; 一户可有多项
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [profiles, households, regions]
regions: [province, county, township]
absent: zero
note: 可多选, 各项之和可大于户数
refresh: change
disclosure: {counts: [households], of: monitored, within: with_profile, partition: security, overlapping: true}
columns:
  - {name: security, title: 保障项, type: code, codes: security}
  - {name: households, title: 户数, type: count, unit: 户}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       t.part.1 AS security,
       sum(t.part.2) AS households
FROM
(
    SELECT intDiv(h.village, 1000) AS township,
           arrayJoin([
               ('food', countIf(NOT food_secured)),
               ('clothing', countIf(NOT clothing_secured)),
               ('schooling', countIf(NOT schooling_secured)),
               ('medical', countIf(NOT medical_secured)),
               ('housing', countIf(NOT housing_secured)),
               ('drinking_water', countIf(NOT water_secured))
           ]) AS part
    FROM profiles AS p FINAL
    -- The household's row says where it lives now; the profile's may be older.
    INNER JOIN (SELECT household, village FROM households FINAL WHERE state != 'removed') AS h ON h.household = p.household
    GROUP BY township
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, security
