/*
title: 家庭规模
unit: 户
definition: 有画像的监测对象按家庭人口划分, 一人户至六人户各一档, 七人及以上一档
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [household_profiles]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored, within: with_profile, partition: size}
columns:
  - {name: size, title: 家庭人口, type: code, codes: household_size}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
SELECT place,
       ['one', 'two', 'three', 'four', 'five', 'six', 'seven_up'][least(p.persons, 7)] AS size,
       count() AS households,
       sum(p.persons) AS persons
FROM household_profiles AS p
GROUP BY place, size
