/*
title: 资产管理率
unit: "%"
definition: 确权率、移交率、管护落实率为已确权、已移交、已落实管护的资产占已登记且未处置资产的比例; 收益率为经营性资产年收益与其原值之比; 收益分配率为经营性资产年已分配收益与年收益之比; 分母为零的不算
policy: 国办函〔2021〕51号《关于加强扶贫项目资产后续管理的指导意见》
source: 扶贫资产管理子系统
tables: [assets, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "资产不涉个人"}
daily: true
columns:
  - {name: confirmed_rate, title: 确权率, type: number, unit: "%"}
  - {name: transferred_rate, title: 移交率, type: number, unit: "%"}
  - {name: maintained_rate, title: 管护落实率, type: number, unit: "%"}
  - {name: income_rate, title: 收益率, type: number, unit: "%"}
  - {name: distribution_rate, title: 收益分配率, type: number, unit: "%"}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       100 * sum(t.confirmed) / nullIf(sum(t.assets), 0) AS confirmed_rate,
       100 * sum(t.transferred) / nullIf(sum(t.assets), 0) AS transferred_rate,
       100 * sum(t.maintained) / nullIf(sum(t.assets), 0) AS maintained_rate,
       100 * sum(t.income) / nullIf(sum(t.operating_value), 0) AS income_rate,
       100 * sum(t.distributed) / nullIf(sum(t.income), 0) AS distribution_rate
FROM
(
    SELECT intDiv(village, 1000) AS township,
           count() AS assets,
           countIf(confirmed) AS confirmed,
           countIf(transferred) AS transferred,
           countIf(maintained) AS maintained,
           sumIf(original_value, class = 'operating') AS operating_value,
           sumIf(annual_income, class = 'operating') AS income,
           sumIf(distributed_income, class = 'operating') AS distributed
    FROM assets FINAL
    WHERE state = 'in_use'
    GROUP BY township
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope
