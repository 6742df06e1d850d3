/*
title: 扶贫资产分布
unit: 项
definition: 已登记且未处置的扶贫资产按下一级区划划分
policy: 国办函〔2021〕51号《关于加强扶贫项目资产后续管理的指导意见》
source: 扶贫资产管理子系统
tables: [assets]
regions: [province, county]
rows: places
absent: zero
refresh: change
disclosure: {shown: "资产不涉个人"}
columns:
  - {name: region, title: 区划, type: region}
  - {name: assets, title: 资产数, type: count, unit: 项}
  - {name: original_value, title: 原值, type: money, unit: 元}
  - {name: net_value, title: 净值, type: money, unit: 元}
*/
SELECT intDiv(village, 1000) AS place,
       count() AS assets,
       sum(original_value) AS original_value,
       sum(net_value) AS net_value
FROM assets FINAL
WHERE state = 'in_use'
GROUP BY place
