/*
title: 画像覆盖
unit: 户
definition: 监测对象按有无画像划分; 其他画像指标只统计有画像的户, 不在监测名单上的画像不计
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [households, profiles, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored, partition: coverage}
daily: true
columns:
  - {name: coverage, title: 画像, type: code, codes: profile_coverage}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       t.coverage AS coverage,
       sum(t.households) AS households,
       sum(t.persons) AS persons
FROM
(
    SELECT intDiv(village, 1000) AS township,
           if(household IN (SELECT household FROM profiles FINAL), 'with_profile', 'without_profile') AS coverage,
           count() AS households,
           sum(persons) AS persons
    FROM households FINAL
    WHERE state != 'removed'
    GROUP BY township, coverage
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, coverage
