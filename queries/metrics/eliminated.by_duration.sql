/*
title: 消除用时分档
unit: 户
definition: 最近一次事件为风险消除的监测对象, 按自识别至消除的天数分档; 回退后再次消除的计至再次消除; 已移出的不计, 按户现在的村归属
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [eliminated_households]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored, within: with_event, partition: duration}
columns:
  - {name: band, title: 用时, type: code, codes: duration_band}
  - {name: households, title: 户数, type: count, unit: 户}
*/
SELECT place,
       multiIf(days <= 90, 'to_90_days', days <= 180, 'to_180_days', days <= 365, 'to_365_days',
               days <= 730, 'to_730_days', 'over_730_days') AS band,
       count() AS households
FROM eliminated_households
GROUP BY place, band
