/*
title: 两不愁三保障未达标
unit: 户
definition: 有画像的监测对象中, 吃、穿、义务教育、基本医疗、住房安全、饮水安全未有保障的户; 一户可有多项
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [household_profiles]
regions: [province, county, township]
rows: places
absent: zero
note: 可多选, 各项之和可大于户数
refresh: change
disclosure: {counts: [households], of: monitored, within: with_profile, partition: security, overlapping: true}
columns:
  - {name: security, title: 保障项, type: code, codes: security}
  - {name: households, title: 户数, type: count, unit: 户}
*/
SELECT place,
       part.1 AS security,
       part.2 AS households
FROM
(
    SELECT place,
           arrayJoin([
               ('food', countIf(NOT food_secured)),
               ('clothing', countIf(NOT clothing_secured)),
               ('schooling', countIf(NOT schooling_secured)),
               ('medical', countIf(NOT medical_secured)),
               ('housing', countIf(NOT housing_secured)),
               ('drinking_water', countIf(NOT water_secured))
           ]) AS part
    FROM household_profiles
    GROUP BY place
)
