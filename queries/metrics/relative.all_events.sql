/*
title: 历年相对贫困变动
unit: 户次
definition: 有记录以来相对贫困监测的纳入、改善退出、转常态化监测; 一户多次变动的各计一次
policy: 工作口径, 未见公开文件
source: 相对贫困监测子系统
tables: [relative_poverty]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: relative_events, partition: event}
columns:
  - {name: event, title: 变动, type: code, codes: relative_event}
  - {name: households, title: 户次, type: count, unit: 户次}
  - {name: persons, title: 人次, type: count, unit: 人次}
*/
SELECT intDiv(village, 1000) AS place,
       event,
       count() AS households,
       sum(persons) AS persons
FROM relative_poverty FINAL
GROUP BY place, event
