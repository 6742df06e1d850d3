/*
title: 年龄结构
unit: 人
definition: 有画像的监测对象家庭成员按年龄段计人数; 户数为有该年龄段成员的户, 一户可属多段
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [household_profiles]
regions: [province, county, township]
rows: places
absent: zero
note: 户数可重叠
refresh: change
disclosure: {counts: [households], of: monitored, within: with_profile, partition: age, overlapping: true}
columns:
  - {name: age, title: 年龄段, type: code, codes: age_group}
  - {name: persons, title: 人数, type: count, unit: 人}
  - {name: households, title: 涉及户数, type: count, unit: 户}
*/
SELECT place,
       part.1 AS age,
       part.2 AS persons,
       part.3 AS households
FROM
(
    SELECT place,
           arrayJoin([
               ('under_seven', sum(age_under_7), countIf(age_under_7 > 0)),
               ('seven_to_fifteen', sum(age_7_15), countIf(age_7_15 > 0)),
               ('sixteen_to_fifty_nine', sum(age_16_59), countIf(age_16_59 > 0)),
               ('sixty_up', sum(age_60_up), countIf(age_60_up > 0))
           ]) AS part
    FROM household_profiles
    GROUP BY place
)
