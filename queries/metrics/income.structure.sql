/*
title: 收入结构
unit: 元
definition: 最近一个有记录年度的收入按工资性、生产经营净收入(生产经营性 − 生产经营支出)、财产性、转移性划分, 四项之和为总收入; 户数为有该项收支的户
policy: 国乡振发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [incomes, regions]
regions: [province, county, township]
absent: missing
note: 一户可有多项收入, 户数之和大于户数
refresh: change
disclosure: {counts: [households], of: households_with_income, partition: income_kind, overlapping: true}
columns:
  - {name: kind, title: 收入类别, type: code, codes: income_kind}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: income, title: 收入, type: money, unit: 元}
  - {name: share, title: 占比, type: number, unit: '%'}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     (SELECT max(year) FROM incomes) AS latest
SELECT scope,
       kind,
       households,
       income,
       round(100 * income / nullIf(sum(income) OVER (PARTITION BY scope), 0), 2) AS share
FROM
(
    SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
           line.1 AS kind,
           sum(line.2) AS households,
           sum(line.3) AS income
    FROM
    (
        SELECT intDiv(village, 1000) AS township,
               [('wage', countIf(wage_income > 0), toInt64(sum(wage_income))),
                ('net_business', countIf(business_income > 0 OR business_expense > 0),
                                 toInt64(sum(business_income)) - toInt64(sum(business_expense))),
                ('property', countIf(property_income > 0), toInt64(sum(property_income))),
                ('transfer', countIf(transfer_income > 0), toInt64(sum(transfer_income)))] AS lines
        FROM incomes FINAL
        WHERE year = latest
        GROUP BY township
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    ARRAY JOIN t.lines AS line
    GROUP BY scope, kind
)
