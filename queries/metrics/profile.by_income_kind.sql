/*
title: 收入构成
unit: 元
definition: 有画像的监测对象年收入按工资性、生产经营性、财产性、转移性划分, 另列生产经营支出; 占比以四项收入之和为分母, 四项皆无时不计; 户数为该项大于零的户, 一户可有多项
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [household_profiles]
regions: [province, county, township]
rows: places
absent: zero
note: 占比以四项收入之和为分母
refresh: change
disclosure: {counts: [households], of: monitored, within: with_profile, partition: income_kind, overlapping: true}
parts: [total]
columns:
  - {name: kind, title: 构成, type: code, codes: income_kind}
  - {name: amount, title: 金额, type: money, unit: 元}
  - {name: share, title: 占比, type: number, unit: "%", ratio: {of: amount, to: total, times: 100}}
  - {name: households, title: 涉及户数, type: count, unit: 户}
*/
SELECT place,
       part.1 AS kind,
       part.2 AS amount,
       part.3 AS households,
       total
FROM
(
    SELECT place,
           sum(wage_income + business_income + property_income + transfer_income) AS total,
           arrayJoin([
               ('wage', sum(wage_income), countIf(wage_income > 0)),
               ('business', sum(business_income), countIf(business_income > 0)),
               ('property', sum(property_income), countIf(property_income > 0)),
               ('transfer', sum(transfer_income), countIf(transfer_income > 0)),
               ('expense', sum(business_expense), countIf(business_expense > 0))
           ]) AS part
    FROM household_profiles
    GROUP BY place
)
