/*
title: 建档立卡户分布
unit: 户
definition: 建档立卡户按下一级区划划分; 逐户计数
policy: 国开办发〔2014〕24号《扶贫开发建档立卡工作方案》
source: 治理对象确定子系统
tables: [registered]
regions: [province, county]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: registered}
columns:
  - {name: region, title: 区划, type: region}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
SELECT intDiv(village, 1000) AS place,
       count() AS households,
       sum(persons) AS persons
FROM registered FINAL
GROUP BY place
