/*
title: 灾后风险再评估
unit: 户
definition: 最近启动且尚未结束的应急事件的受影响农户按风险再评估结果划分
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 应急响应监测子系统
tables: [emergencies, emergency_households]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: emergency, partition: reassessment}
columns:
  - {name: reassessment, title: 再评估结果, type: code, codes: reassessment}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
WITH (
         SELECT emergency
         FROM emergencies FINAL
         WHERE ended_at IS NULL
         ORDER BY started_at DESC, emergency DESC
         LIMIT 1
     ) AS newest
SELECT intDiv(village, 1000) AS place,
       reassessment,
       count() AS households,
       sum(persons) AS persons
FROM emergency_households FINAL
WHERE emergency = newest
GROUP BY place, reassessment
