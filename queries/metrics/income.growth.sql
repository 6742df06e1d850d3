/*
title: 收入增长
unit: "%"
definition: 最近一个有记录年度比上一年, 只比两年都有收入记录且在同一乡镇的户; 人均收入 = 总收入 ÷ 总人数
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [incomes, regions]
regions: [province, county]
absent: missing
refresh: change
disclosure: {counts: [households], of: households_with_income_in_two_years}
columns:
  - {name: region, title: 区划, type: region}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: per_head, title: 人均收入, type: money, unit: 元}
  - {name: per_head_before, title: 上年人均收入, type: money, unit: 元}
  - {name: growth, title: 增长, type: number, unit: '%'}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     -- The year is of the key, so that versions need no merging for the latest one.
     (SELECT max(year) FROM incomes) AS latest
SELECT toString(pair.1) AS scope,
       toString(pair.2) AS region,
       sum(t.households) AS households,
       round(sum(t.income) / nullIf(sum(t.persons), 0)) AS per_head,
       round(sum(t.income_before) / nullIf(sum(t.persons_before), 0)) AS per_head_before,
       -- + 0: no minus sign before a zero.
       round(100 * (sum(t.income) / nullIf(sum(t.persons), 0) / nullIf(sum(t.income_before) / nullIf(sum(t.persons_before), 0), 0) - 1), 2) + 0 AS growth
FROM
(
    SELECT township,
           count() AS households,
           sum(income_now) AS income,
           sum(persons_now) AS persons,
           sum(before) AS income_before,
           sum(persons_then) AS persons_before
    FROM
    (
        -- One pass over two years: what a household lacks in one of them shows as no persons.
        SELECT intDiv(village, 1000) AS township,
               sumIf(toInt64(wage_income + business_income + property_income + transfer_income) - toInt64(business_expense), year = latest) AS income_now,
               sumIf(persons, year = latest) AS persons_now,
               sumIf(toInt64(wage_income + business_income + property_income + transfer_income) - toInt64(business_expense), year = latest - 1) AS before,
               sumIf(persons, year = latest - 1) AS persons_then
        FROM incomes FINAL
        WHERE year >= latest - 1
        GROUP BY township, household
        HAVING persons_now > 0 AND persons_then > 0
    )
    GROUP BY township
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
ARRAY JOIN [(province, r.parent), (r.parent, r.code)] AS pair
WHERE r.code != 0
GROUP BY scope, region
