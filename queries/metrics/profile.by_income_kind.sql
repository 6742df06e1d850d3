/*
title: 收入构成
unit: 元
definition: 有画像的监测对象年收入按工资性、生产经营性、财产性、转移性划分, 另列生产经营支出; 占比以四项收入之和为分母, 四项皆无时不计; 户数为该项大于零的户, 一户可有多项
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [profiles, households, regions]
regions: [province, county, township]
absent: zero
note: 占比以四项收入之和为分母
refresh: change
disclosure: {counts: [households], of: monitored, within: with_profile, partition: income_kind, overlapping: true}
columns:
  - {name: kind, title: 构成, type: code, codes: income_kind}
  - {name: amount, title: 金额, type: money, unit: 元}
  - {name: share, title: 占比, type: number, unit: "%"}
  - {name: households, title: 涉及户数, type: count, unit: 户}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(g.code) AS scope,
       part.1 AS kind,
       part.2 AS amount,
       100 * part.2 / nullIf(t.wage + t.business + t.property + t.transfer, 0) AS share,
       part.3 AS households
-- Every region, since a share of nothing is no 0.
FROM (SELECT code FROM regions FINAL WHERE level != 'village' AND applicable) AS g
LEFT JOIN
(
    SELECT arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province])) AS code,
           sum(t.wage) AS wage,
           sum(t.wage_households) AS wage_households,
           sum(t.business) AS business,
           sum(t.business_households) AS business_households,
           sum(t.property) AS property,
           sum(t.property_households) AS property_households,
           sum(t.transfer) AS transfer,
           sum(t.transfer_households) AS transfer_households,
           sum(t.expense) AS expense,
           sum(t.expense_households) AS expense_households
    FROM
    (
        SELECT intDiv(h.village, 1000) AS township,
               sum(wage_income) AS wage,
               countIf(wage_income > 0) AS wage_households,
               sum(business_income) AS business,
               countIf(business_income > 0) AS business_households,
               sum(property_income) AS property,
               countIf(property_income > 0) AS property_households,
               sum(transfer_income) AS transfer,
               countIf(transfer_income > 0) AS transfer_households,
               sum(business_expense) AS expense,
               countIf(business_expense > 0) AS expense_households
        FROM profiles AS p FINAL
        -- The household's row says where it lives now; the profile's may be older.
        INNER JOIN (SELECT household, village FROM households FINAL WHERE state != 'removed') AS h ON h.household = p.household
        GROUP BY township
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY code
) AS t ON t.code = g.code
ARRAY JOIN [
    ('wage', t.wage, t.wage_households),
    ('business', t.business, t.business_households),
    ('property', t.property, t.property_households),
    ('transfer', t.transfer, t.transfer_households),
    ('expense', t.expense, t.expense_households)
] AS part
