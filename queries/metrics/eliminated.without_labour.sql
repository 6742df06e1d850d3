/*
title: 无劳动力而消除
unit: 户
definition: 风险已消除、而画像中无技能、普通、弱或半劳动力的监测对象; 整户无劳动能力的暂不标注风险消除, 须复核; 占比 = 户数 ÷ 风险消除户
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [monitored_households, household_profiles]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored, within: eliminated, partition: labour, part: without_labour, partial: true, tells: [all]}
parts: [eliminated]
columns:
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
  - {name: rate, title: 占消除户, type: number, unit: '%', ratio: {of: households, to: eliminated, times: 100, digits: 2}}
*/
SELECT place,
       countIf(nobody_can_work) AS households,
       sumIf(members, nobody_can_work) AS persons,
       count() AS eliminated
FROM
(
    -- A household without a profile is not judged.
    SELECT place, persons AS members,
           household IN (SELECT household FROM household_profiles
                         WHERE labour_skilled + labour_ordinary + labour_weak = 0) AS nobody_can_work
    FROM monitored_households
    WHERE state = 'eliminated'
)
GROUP BY place
