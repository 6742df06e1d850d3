/*
title: 月落实措施
unit: 项
definition: 近十二个月(含本月)每月落实的帮扶措施, 按落实时间所在的月计
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准施策子系统
tables: [measures]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {counts: [measures], of: measures_delivered_in_twelve_months, partition: month}
columns:
  - {name: month, title: 月份, type: date, last: {months: 12}}
  - {name: measures, title: 落实措施, type: count, unit: 项}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(village, 1000) AS place,
       toString(toStartOfMonth(toDate(assumeNotNull(delivered_at), 'Asia/Shanghai'))) AS month,
       count() AS measures
FROM measures FINAL
WHERE delivered_at IS NOT NULL
  AND toDate(assumeNotNull(delivered_at), 'Asia/Shanghai') BETWEEN addMonths(toStartOfMonth(today), -11) AND toLastDayOfMonth(today)
GROUP BY place, month
