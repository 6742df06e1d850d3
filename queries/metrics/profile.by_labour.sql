/*
title: 劳动力结构
unit: 人
definition: 有画像的监测对象家庭成员按劳动能力计人数; 户数为有该类成员的户, 一户可属多类
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [household_profiles]
regions: [province, county, township]
rows: places
absent: zero
note: 户数可重叠
refresh: change
disclosure: {counts: [households], of: monitored, within: with_profile, partition: labour, overlapping: true}
columns:
  - {name: labour, title: 劳动能力, type: code, codes: labour_kind}
  - {name: persons, title: 人数, type: count, unit: 人}
  - {name: households, title: 涉及户数, type: count, unit: 户}
*/
SELECT place,
       part.1 AS labour,
       part.2 AS persons,
       part.3 AS households
FROM
(
    SELECT place,
           arrayJoin([
               ('skilled', sum(labour_skilled), countIf(labour_skilled > 0)),
               ('ordinary', sum(labour_ordinary), countIf(labour_ordinary > 0)),
               ('weak', sum(labour_weak), countIf(labour_weak > 0)),
               ('lost', sum(labour_lost), countIf(labour_lost > 0)),
               ('none', sum(labour_none), countIf(labour_none > 0))
           ]) AS part
    FROM household_profiles
    GROUP BY place
)
