/*
title: 脱贫稳定程度
unit: 户
definition: 建档立卡户按脱贫监测、相对稳定脱贫、稳定脱贫划分; 逐户计数, 占比以本级逐户计数之和为底
policy: 国开办发〔2014〕24号《扶贫开发建档立卡工作方案》; 稳定程度的划分未见公开文件
source: 成效巩固子系统
tables: [registered]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: registered, partition: stability, tells: [all]}
parts: [total]
columns:
  - {name: stability, title: 稳定程度, type: code, codes: stability}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
  - {name: share, title: 占比, type: number, unit: '%', ratio: {of: households, to: total, times: 100, digits: 2}}
*/
SELECT place,
       part.1 AS stability,
       part.2 AS households,
       part.3 AS persons,
       total
FROM
(
    -- Every degree of every township with all its households, of which it is a share.
    SELECT intDiv(village, 1000) AS place,
           count() AS total,
           arrayJoin([
               ('monitored_after_lifting', countIf(stability = 'monitored_after_lifting'), sumIf(persons, stability = 'monitored_after_lifting')),
               ('relatively_stable', countIf(stability = 'relatively_stable'), sumIf(persons, stability = 'relatively_stable')),
               ('stable', countIf(stability = 'stable'), sumIf(persons, stability = 'stable'))
           ]) AS part
    FROM registered FINAL
    GROUP BY place
)
