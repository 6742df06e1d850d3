/*
title: 历年走访
unit: 次
definition: 历年从手机应用上报的次数, 走访、调查、核实、回访和农户申报都计, 从有记录的第一年到今年 (今年未满), 没有走访的年份为0; 年界为北京时间; 以每年1月1日代表该年
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准扶贫APP
tables: [visits_yearly, regions]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "走访是工作次数, 不涉农户状况"}
columns:
  - {name: year, title: 年度, type: date}
  - {name: visits, title: 次数, type: count, unit: 次}
*/
WITH toYear({now:DateTime('Asia/Shanghai')}) AS this_year
SELECT township AS place,
       toString(makeDate(visits_yearly.year, 1, 1)) AS year,
       sum(visits_yearly.visits) AS visits
FROM visits_yearly
WHERE visits_yearly.year <= this_year
GROUP BY place, year
UNION ALL
-- Zeros, so that every region has every year since the first visit of the province.
SELECT code,
       toString(makeDate(arrayJoin(range(toUInt16(ifNull((SELECT toNullable(year) FROM visits_yearly ORDER BY year LIMIT 1), this_year)),
                                         toUInt16(this_year) + 1)), 1, 1)),
       0
FROM regions FINAL
WHERE level = 'township' AND applicable
