/*
title: 扶贫资产种类
unit: 项
definition: 已登记且未处置的扶贫资产按种类划分; 种类不明的不列, 其数见总量
policy: 国办函〔2021〕51号《关于加强扶贫项目资产后续管理的指导意见》
source: 扶贫资产管理子系统
tables: [assets]
regions: [province, county, township]
rows: places
absent: zero
note: 种类不明的不列
refresh: change
disclosure: {shown: "资产不涉个人"}
columns:
  - {name: kind, title: 资产种类, type: code, codes: asset_kind}
  - {name: assets, title: 资产数, type: count, unit: 项}
  - {name: original_value, title: 原值, type: money, unit: 元}
  - {name: net_value, title: 净值, type: money, unit: 元}
*/
SELECT intDiv(village, 1000) AS place,
       kind,
       count() AS assets,
       sum(original_value) AS original_value,
       sum(net_value) AS net_value
FROM assets FINAL
WHERE state = 'in_use' AND kind IS NOT NULL
GROUP BY place, kind
