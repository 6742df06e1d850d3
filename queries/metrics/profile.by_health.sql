/*
title: 健康状况
unit: 人
definition: 有画像的监测对象家庭成员按健康状况计人数; 一人可有多种状况, 各项之和可大于人数; 户数为有该类成员的户
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [household_profiles]
regions: [province, county, township]
rows: places
absent: zero
note: 可多选, 各项之和可大于人数
refresh: change
disclosure: {counts: [households], of: monitored, within: with_profile, partition: health, overlapping: true}
columns:
  - {name: health, title: 健康状况, type: code, codes: health_state}
  - {name: persons, title: 人数, type: count, unit: 人}
  - {name: households, title: 涉及户数, type: count, unit: 户}
*/
SELECT place,
       part.1 AS health,
       part.2 AS persons,
       part.3 AS households
FROM
(
    SELECT place,
           arrayJoin([
               ('healthy', sum(healthy), countIf(healthy > 0)),
               ('chronic', sum(chronic), countIf(chronic > 0)),
               ('serious_illness', sum(serious_illness), countIf(serious_illness > 0)),
               ('disabled', sum(disabled), countIf(disabled > 0))
           ]) AS part
    FROM household_profiles
    GROUP BY place
)
