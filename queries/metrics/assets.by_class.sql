/*
title: 扶贫资产
unit: 项
definition: 已登记且未处置的扶贫资产按公益性、经营性、到户类划分; 原值与净值以元计
policy: 国办函〔2021〕51号《关于加强扶贫项目资产后续管理的指导意见》
source: 扶贫资产管理子系统
tables: [assets, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "资产不涉个人"}
daily: true
columns:
  - {name: class, title: 资产类别, type: code, codes: asset_class}
  - {name: assets, title: 资产数, type: count, unit: 项}
  - {name: original_value, title: 原值, type: money, unit: 元}
  - {name: net_value, title: 净值, type: money, unit: 元}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.class) AS class,
       sum(t.assets) AS assets,
       sum(t.original_value) AS original_value,
       sum(t.net_value) AS net_value
FROM
(
    SELECT intDiv(village, 1000) AS township,
           class,
           count() AS assets,
           sum(original_value) AS original_value,
           sum(net_value) AS net_value
    FROM assets FINAL
    WHERE state = 'in_use'
    GROUP BY township, class
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, class
