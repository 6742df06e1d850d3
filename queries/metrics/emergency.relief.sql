/*
title: 应急救助
unit: 户
definition: 最近启动且尚未结束的应急事件的受影响户数、其中已得到救助的户数、损失与已救助金额; 救助率为已救助户数占受影响户数的比例
policy: 《中华人民共和国突发事件应对法》
source: 应急响应监测子系统
tables: [emergencies, emergency_households]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [all = households, relieved, unrelieved = households - relieved], of: emergency, partition: relief}
columns:
  - {name: households, title: 受影响户数, type: count, unit: 户}
  - {name: relieved, title: 已救助户数, type: count, unit: 户}
  - {name: loss, title: 损失, type: money, unit: 元}
  - {name: relief, title: 已救助金额, type: money, unit: 元}
  - {name: rate, title: 救助率, type: number, unit: "%", ratio: {of: relieved, to: households, times: 100}}
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
       countIf(emergency_households.relief > 0) AS relieved,
       sum(loss) AS loss,
       sum(relief) AS relief
FROM emergency_households FINAL
WHERE emergency = newest
GROUP BY place
