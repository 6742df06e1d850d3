/*
title: 收入增长
unit: "%"
definition: 最近一个有记录年度比上一年, 只比两年都有收入记录且在同一乡镇的户; 人均收入 = 总收入 ÷ 总人数
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [incomes]
regions: [province, county]
rows: places
absent: missing
refresh: change
disclosure: {counts: [households], of: households_with_income_in_two_years}
parts: [income, persons, income_before, persons_before]
columns:
  - {name: region, title: 区划, type: region}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: per_head, title: 人均收入, type: money, unit: 元, ratio: {of: income, to: persons, digits: 0}}
  - {name: per_head_before, title: 上年人均收入, type: money, unit: 元, ratio: {of: income_before, to: persons_before, digits: 0}}
  - {name: growth, title: 增长, type: number, unit: '%', ratio: {of: per_head, to: per_head_before, times: 100, less: 100, digits: 2}}
*/
-- The year is of the key, so that versions need no merging for the latest one.
WITH (SELECT max(year) FROM incomes) AS latest
SELECT place,
       count() AS households,
       sum(now) AS income,
       sum(persons_now) AS persons,
       sum(before) AS income_before,
       sum(persons_then) AS persons_before
FROM
(
    -- One pass over two years: what a household lacks in one of them shows as no persons.
    SELECT intDiv(village, 1000) AS place,
           sumIf(toInt64(wage_income + business_income + property_income + transfer_income) - toInt64(business_expense), year = latest) AS now,
           sumIf(persons, year = latest) AS persons_now,
           sumIf(toInt64(wage_income + business_income + property_income + transfer_income) - toInt64(business_expense), year = latest - 1) AS before,
           sumIf(persons, year = latest - 1) AS persons_then
    FROM incomes FINAL
    WHERE year >= latest - 1
    GROUP BY place, household
    HAVING persons_now > 0 AND persons_then > 0
)
GROUP BY place
