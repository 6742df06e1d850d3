/*
title: 消除与回退
unit: 户次
definition: 近十二个月(含本月)每月的风险消除与消除回退, 逐次计数, 一户可有多次; 按决定时所在的村归属
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [eliminations]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {counts: [eliminated, rolled_back], of: eliminations_in_twelve_months, partition: month}
columns:
  - {name: month, title: 月份, type: date, last: {months: 12}}
  - {name: eliminated, title: 风险消除, type: count, unit: 户次}
  - {name: rolled_back, title: 消除回退, type: count, unit: 户次}
*/
SELECT intDiv(village, 1000) AS place,
       toString(toStartOfMonth(toDate(at, 'Asia/Shanghai'))) AS month,
       countIf(event = 'eliminated') AS eliminated,
       countIf(event = 'rolled_back') AS rolled_back
FROM eliminations FINAL
WHERE toDate(at, 'Asia/Shanghai') BETWEEN addMonths(toStartOfMonth(toDate({now:DateTime('Asia/Shanghai')})), -11)
                                      AND toLastDayOfMonth(toDate({now:DateTime('Asia/Shanghai')}))
GROUP BY place, month
