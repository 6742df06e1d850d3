/*
title: 两不愁三保障达标
unit: 户
definition: 有画像的监测对象中, 吃、穿、义务教育、基本医疗、住房安全、饮水安全六项均有保障的户; 达标率以有画像的监测对象为分母, 一户也没有时不计
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [profiles, households, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {counts: [secured = households, unsecured], of: monitored, within: with_profile, partition: secured}
daily: true
columns:
  - {name: households, title: 达标户数, type: count, unit: 户}
  - {name: unsecured, title: 未达标户数, type: count, unit: 户}
  - {name: rate, title: 达标率, type: number, unit: "%"}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(g.code) AS scope,
       t.secured AS households,
       t.total - t.secured AS unsecured,
       100 * t.secured / nullIf(t.total, 0) AS rate
-- Every region, since a rate of nothing is no 0.
FROM (SELECT code FROM regions FINAL WHERE level != 'village' AND applicable) AS g
LEFT JOIN
(
    SELECT arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province])) AS code,
           sum(t.total) AS total,
           sum(t.secured) AS secured
    FROM
    (
        SELECT intDiv(h.village, 1000) AS township,
               count() AS total,
               countIf(food_secured AND clothing_secured AND schooling_secured AND medical_secured AND housing_secured AND water_secured) AS secured
        FROM profiles AS p FINAL
        -- The household's row says where it lives now; the profile's may be older.
        INNER JOIN (SELECT household, village FROM households FINAL WHERE state != 'removed') AS h ON h.household = p.household
        GROUP BY township
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY code
) AS t ON t.code = g.code
