/*
title: 建档立卡户稳定程度
unit: 户
definition: 建档立卡户按脱贫监测、相对稳定脱贫、稳定脱贫划分; 逐户计数
policy: 国开办发〔2014〕24号《扶贫开发建档立卡工作方案》; 稳定程度的划分未见公开文件
source: 治理对象确定子系统
tables: [registered]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: registered, partition: stability}
columns:
  - {name: stability, title: 稳定程度, type: code, codes: stability}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
SELECT intDiv(village, 1000) AS place,
       stability,
       count() AS households,
       sum(persons) AS persons
FROM registered FINAL
GROUP BY place, stability
