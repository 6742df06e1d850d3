/*
title: 画像覆盖
unit: 户
definition: 监测对象按有无画像划分; 其他画像指标只统计有画像的户, 不在监测名单上的画像不计
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [monitored_households, household_profiles]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored, partition: coverage, harmless: [without_profile]}
daily: true
columns:
  - {name: coverage, title: 画像, type: code, codes: profile_coverage}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
SELECT place,
       if(household IN (SELECT household FROM household_profiles), 'with_profile', 'without_profile') AS coverage,
       count() AS households,
       sum(persons) AS persons
FROM monitored_households
GROUP BY place, coverage
