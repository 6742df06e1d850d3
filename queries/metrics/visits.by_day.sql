/*
title: 近30日走访
unit: 次
definition: 近30日 (含今日) 每日从手机应用上报的次数, 走访、调查、核实、回访和农户申报都计; 日界为北京时间零时, 没有走访的日子为0
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准扶贫APP
tables: [visits_daily]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "走访是工作次数, 不涉农户状况"}
columns:
  - {name: day, title: 日期, type: date, last: {days: 30}}
  - {name: visits, title: 次数, type: count, unit: 次}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT township AS place,
       toString(visits_daily.day) AS day,
       sum(visits_daily.visits) AS visits
FROM visits_daily
WHERE visits_daily.day BETWEEN today - 29 AND today
GROUP BY place, day
