/*
title: 本年相对贫困变动
unit: 户次
definition: 本年(公历年)相对贫困监测的纳入、改善退出、转常态化监测; 一户一年内多次变动的各计一次
policy: 工作口径, 未见公开文件
source: 相对贫困监测子系统
tables: [relative_poverty]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {counts: [households], of: relative_events_of_year, partition: event}
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
WHERE toYear(at, 'Asia/Shanghai') = toYear({now:DateTime('Asia/Shanghai')})
GROUP BY place, event
