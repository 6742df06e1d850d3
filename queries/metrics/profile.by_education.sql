/*
title: 文化程度
unit: 人
definition: 有画像的监测对象家庭成员按文化程度计人数; 户数为有该类成员的户, 一户可属多类
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [household_profiles]
regions: [province, county, township]
rows: places
absent: zero
note: 户数可重叠
refresh: change
disclosure: {counts: [households], of: monitored, within: with_profile, partition: education, overlapping: true}
columns:
  - {name: education, title: 文化程度, type: code, codes: education_level}
  - {name: persons, title: 人数, type: count, unit: 人}
  - {name: households, title: 涉及户数, type: count, unit: 户}
*/
SELECT place,
       part.1 AS education,
       part.2 AS persons,
       part.3 AS households
FROM
(
    SELECT place,
           arrayJoin([
               ('none', sum(education_none), countIf(education_none > 0)),
               ('primary', sum(education_primary), countIf(education_primary > 0)),
               ('junior', sum(education_junior), countIf(education_junior > 0)),
               ('senior', sum(education_senior), countIf(education_senior > 0)),
               ('college', sum(education_college), countIf(education_college > 0))
           ]) AS part
    FROM household_profiles
    GROUP BY place
)
