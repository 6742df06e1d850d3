/*
title: 扶贫资产总量
unit: 项
definition: 已登记且未处置的扶贫资产; 原值与净值以元计; 种类不明的计入总数, 另列其数
policy: 国办函〔2021〕51号《关于加强扶贫项目资产后续管理的指导意见》
source: 扶贫资产管理子系统
tables: [assets]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "资产不涉个人"}
daily: true
columns:
  - {name: assets, title: 资产数, type: count, unit: 项}
  - {name: original_value, title: 原值, type: money, unit: 元}
  - {name: net_value, title: 净值, type: money, unit: 元}
  - {name: kind_unknown, title: 种类不明, type: count, unit: 项}
*/
SELECT intDiv(village, 1000) AS place,
       count() AS assets,
       sum(original_value) AS original_value,
       sum(net_value) AS net_value,
       countIf(kind IS NULL) AS kind_unknown
FROM assets FINAL
WHERE state = 'in_use'
GROUP BY place
