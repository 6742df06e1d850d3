/*
title: 收入结构
unit: 元
definition: 最近一个有记录年度的收入按工资性、生产经营性、财产性、转移性划分, 另列生产经营支出; 四项之和减去支出为总收入; 占比以四项之和为分母; 户数为该项大于零的户
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [incomes]
regions: [province, county, township]
rows: places
absent: missing
note: 占比以四项收入之和为分母; 一户可有多项
refresh: change
disclosure: {counts: [households], of: households_with_income, partition: income_kind, overlapping: true}
parts: [total]
columns:
  - {name: kind, title: 构成, type: code, codes: income_kind}
  - {name: households, title: 涉及户数, type: count, unit: 户}
  - {name: income, title: 金额, type: money, unit: 元}
  - {name: share, title: 占比, type: number, unit: '%', ratio: {of: income, to: total, times: 100, digits: 2}}
*/
-- The year is of the key, so that versions need no merging for the latest one.
WITH (SELECT max(year) FROM incomes) AS latest
SELECT place,
       part.1 AS kind,
       part.2 AS households,
       part.3 AS income,
       total
FROM
(
    SELECT intDiv(village, 1000) AS place,
           sum(wage_income + business_income + property_income + transfer_income) AS total,
           arrayJoin([
               ('wage', countIf(wage_income > 0), sum(wage_income)),
               ('business', countIf(business_income > 0), sum(business_income)),
               ('property', countIf(property_income > 0), sum(property_income)),
               ('transfer', countIf(transfer_income > 0), sum(transfer_income)),
               ('expense', countIf(business_expense > 0), sum(business_expense))
           ]) AS part
    FROM incomes FINAL
    WHERE year = latest
    GROUP BY place
)
