/*
title: 应急受影响分布
unit: 户
definition: 最近启动且尚未结束的应急事件的受影响农户按下一级区划划分
policy: 《中华人民共和国突发事件应对法》
source: 应急响应监测子系统
tables: [emergencies, emergency_households]
regions: [province, county]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: emergency}
columns:
  - {name: region, title: 区划, type: region}
  - {name: households, title: 受影响户数, type: count, unit: 户}
  - {name: persons, title: 受影响人数, type: count, unit: 人}
  - {name: loss, title: 损失, type: money, unit: 元}
*/
WITH (
         SELECT emergency
         FROM emergencies FINAL
         WHERE ended_at IS NULL
         ORDER BY started_at DESC, emergency DESC
         LIMIT 1
     ) AS newest
SELECT intDiv(village, 1000) AS place,
       count() AS households,
       sum(persons) AS persons,
       sum(loss) AS loss
FROM emergency_households FINAL
WHERE emergency = newest
GROUP BY place
