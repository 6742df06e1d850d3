/*
title: 资产管理率
unit: "%"
definition: 确权率、移交率、管护落实率为已确权、已移交、已落实管护的资产占已登记且未处置资产的比例; 收益率为经营性资产年收益与其原值之比; 收益分配率为经营性资产年已分配收益与年收益之比; 分母为零的不算
policy: 国办函〔2021〕51号《关于加强扶贫项目资产后续管理的指导意见》
source: 扶贫资产管理子系统
tables: [assets]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "资产不涉个人"}
daily: true
parts: [assets, confirmed, transferred, maintained, operating_value, income, distributed]
columns:
  - {name: confirmed_rate, title: 确权率, type: number, unit: "%", ratio: {of: confirmed, to: assets, times: 100}}
  - {name: transferred_rate, title: 移交率, type: number, unit: "%", ratio: {of: transferred, to: assets, times: 100}}
  - {name: maintained_rate, title: 管护落实率, type: number, unit: "%", ratio: {of: maintained, to: assets, times: 100}}
  - {name: income_rate, title: 收益率, type: number, unit: "%", ratio: {of: income, to: operating_value, times: 100}}
  - {name: distribution_rate, title: 收益分配率, type: number, unit: "%", ratio: {of: distributed, to: income, times: 100}}
*/
SELECT intDiv(village, 1000) AS place,
       count() AS assets,
       countIf(confirmed) AS confirmed,
       countIf(transferred) AS transferred,
       countIf(maintained) AS maintained,
       sumIf(original_value, class = 'operating') AS operating_value,
       sumIf(annual_income, class = 'operating') AS income,
       sumIf(distributed_income, class = 'operating') AS distributed
FROM assets FINAL
WHERE state = 'in_use'
GROUP BY place
