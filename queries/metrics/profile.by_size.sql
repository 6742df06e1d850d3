/*
title: 家庭规模
unit: 户
definition: 有画像的监测对象按家庭人口划分, 一人户至六人户各一档, 七人及以上一档
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [profiles, households]
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
SELECT intDiv(h.village, 1000) AS place,
       ['one', 'two', 'three', 'four', 'five', 'six', 'seven_up'][least(p.persons, 7)] AS size,
       count() AS households,
       sum(p.persons) AS persons
FROM profiles AS p FINAL
-- The household's row says where it lives now; the profile's may be older.
INNER JOIN (SELECT household, village FROM households FINAL WHERE state != 'removed') AS h ON h.household = p.household
GROUP BY place, size
