/*
title: 走访记录核对
unit: 条
definition: 近30日 (含今日) 的走访记录, 逐条计数与日汇总各计一次; 重复送达的记录逐条计数时只算一次, 日汇总可能多算
policy: 系统内部勾稽
source: 精准扶贫APP
tables: [visits, visits_daily, regions]
regions: [province]
absent: zero
refresh: day
disclosure: {shown: "走访是工作次数, 不涉农户状况"}
columns:
  - {name: rows, title: 逐条, type: count, unit: 条}
  - {name: rolled, title: 日汇总, type: count, unit: 条}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT toString(province) AS scope,
       (SELECT count() FROM visits FINAL WHERE toDate(at, 'Asia/Shanghai') BETWEEN today - 29 AND today) AS rows,
       (SELECT sum(visits) FROM visits_daily WHERE day BETWEEN today - 29 AND today) AS rolled
