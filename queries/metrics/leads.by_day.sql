/*
title: 近30日线索
unit: 条
definition: 近30日 (含今日) 每日收到的线索, 按上报时间和发现渠道计; 日界为北京时间零时, 没有线索的日子为0
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [leads]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "线索是上报与预警的条数, 不涉农户状况"}
columns:
  - {name: day, title: 日期, type: date, last: {days: 30}}
  - {name: self_report, title: 农户自主申报, type: count, unit: 条}
  - {name: grassroots, title: 基层上报, type: count, unit: 条}
  - {name: department, title: 行业部门推送, type: count, unit: 条}
  - {name: other, title: 其他渠道, type: count, unit: 条}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(village, 1000) AS place,
       toString(toDate(reported_at, 'Asia/Shanghai')) AS day,
       countIf(channel = 'self_report') AS self_report,
       countIf(channel = 'grassroots') AS grassroots,
       countIf(channel = 'department') AS department,
       countIf(channel = 'other') AS other
FROM leads FINAL
WHERE toDate(reported_at, 'Asia/Shanghai') BETWEEN today - 29 AND today
GROUP BY place, day
