/*
title: 治理对象识别路径
unit: 户
definition: 全部农户按治理对象划分：一般农户、初选对象、相对贫困对象、监测对象, 每户只属一类; 四类之和即全量农户
policy: 工作口径, 未见公开文件
source: 治理对象确定子系统
tables: [rural_households]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: rural_households, partition: standing, equals: {monitored: monitored.remaining}}
daily: true
columns:
  - {name: standing, title: 治理对象, type: code, codes: standing}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
SELECT intDiv(village, 1000) AS place,
       standing,
       count() AS households,
       sum(persons) AS persons
FROM rural_households FINAL
GROUP BY place, standing
