/*
title: 新识别监测对象
unit: 户
definition: 监测对象按市县确定的月份计, 近12个月含本月; 移出名单的不计
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [monitored_households]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {counts: [households], of: monitored, partition: month, partial: true}
columns:
  - {name: month, title: 月份, type: date, last: {months: 12}}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT place,
       toString(toStartOfMonth(toDate(recognised_at, 'Asia/Shanghai'))) AS month,
       count() AS households,
       sum(persons) AS persons
FROM monitored_households
WHERE toDate(recognised_at, 'Asia/Shanghai') BETWEEN addMonths(toStartOfMonth(today), -11) AND toLastDayOfMonth(today)
GROUP BY place, month
