/*
title: 建档立卡户
unit: 户
definition: 建档立卡户的上报总数, 照报不改; 与逐户计数的差额由勾稽说明
policy: 国开办发〔2014〕24号《扶贫开发建档立卡工作方案》
source: 治理对象确定子系统
tables: [reported_totals]
regions: [province, county, township]
absent: missing
refresh: change
disclosure: {counts: [households], of: registered, repeats: near}
daily: true
columns:
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
SELECT toString(region) AS scope, households, persons
FROM reported_totals FINAL
WHERE subject = 'registered'
