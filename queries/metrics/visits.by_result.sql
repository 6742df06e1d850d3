/*
title: 近30日走访结果
unit: 次
definition: 近30日 (含今日) 从手机应用上报的走访、调查、核实、回访和农户申报, 按结果计次
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准扶贫APP
tables: [visits_daily]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "走访是工作次数, 不涉农户状况"}
columns:
  - {name: result, title: 结果, type: code, codes: visit_result}
  - {name: visits, title: 次数, type: count, unit: 次}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT township AS place,
       result,
       sum(visits_daily.visits) AS visits
FROM visits_daily
WHERE day BETWEEN today - 29 AND today
GROUP BY place, result
