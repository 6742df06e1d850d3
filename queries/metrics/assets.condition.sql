/*
title: 资产使用情况
unit: 项
definition: 已登记且未处置的扶贫资产按正常、闲置、低效划分; 使用情况未填的不列
policy: 国办函〔2021〕51号《关于加强扶贫项目资产后续管理的指导意见》
source: 扶贫资产管理子系统
tables: [assets]
regions: [province, county, township]
rows: places
absent: zero
note: 使用情况未填的不列
refresh: change
disclosure: {shown: "资产不涉个人"}
columns:
  - {name: condition, title: 使用情况, type: code, codes: asset_condition}
  - {name: assets, title: 资产数, type: count, unit: 项}
  - {name: net_value, title: 净值, type: money, unit: 元}
*/
SELECT intDiv(village, 1000) AS place,
       condition,
       count() AS assets,
       sum(net_value) AS net_value
FROM assets FINAL
WHERE state = 'in_use' AND condition IS NOT NULL
GROUP BY place, condition
