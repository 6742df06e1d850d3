/*
title: 两不愁三保障达标
unit: 户
definition: 有画像的监测对象中, 吃、穿、义务教育、基本医疗、住房安全、饮水安全六项均有保障的户; 达标率以有画像的监测对象为分母, 一户也没有时不计
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [household_profiles]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [secured = households, unsecured], of: monitored, within: with_profile, partition: secured}
daily: true
parts: [assessed]
columns:
  - {name: households, title: 达标户数, type: count, unit: 户}
  - {name: unsecured, title: 未达标户数, type: count, unit: 户}
  - {name: rate, title: 达标率, type: number, unit: "%", ratio: {of: households, to: assessed, times: 100}}
*/
SELECT place,
       countIf(secured) AS households,
       countIf(NOT secured) AS unsecured,
       count() AS assessed
FROM
(
    SELECT place,
           food_secured AND clothing_secured AND schooling_secured AND medical_secured AND housing_secured AND water_secured AS secured
    FROM household_profiles
)
GROUP BY place
