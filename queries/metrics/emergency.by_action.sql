/*
title: 应急行动
unit: 次
definition: 最近启动且尚未结束的应急事件中各类行动次数、覆盖户次与金额; 一户可被多次覆盖
policy: 《中华人民共和国突发事件应对法》
source: 应急响应监测子系统
tables: [emergencies, emergency_responses]
regions: [province, county, township]
rows: places
absent: zero
note: 一户可被多次覆盖, 按户次计
refresh: change
disclosure: {counts: [households], of: emergency_reached, partition: response_action}
columns:
  - {name: action, title: 行动, type: code, codes: response_action}
  - {name: responses, title: 响应次数, type: count, unit: 次}
  - {name: households, title: 覆盖户次, type: count, unit: 户次}
  - {name: amount, title: 金额, type: money, unit: 元}
*/
WITH (
         SELECT emergency
         FROM emergencies FINAL
         WHERE ended_at IS NULL
         ORDER BY started_at DESC, emergency DESC
         LIMIT 1
     ) AS newest
SELECT region AS place,
       action,
       count() AS responses,
       sum(households) AS households,
       sum(amount) AS amount
FROM emergency_responses FINAL
WHERE emergency = newest
GROUP BY region, action
