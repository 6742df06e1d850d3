/*
title: 建档立卡户收入低于监测线
unit: 户
definition: 最近一个有收入记录的年度, 建档立卡户中人均可支配收入低于该年监测收入线的; 无该年监测收入线则缺报; 按户现在的村归属
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [incomes, income_lines, registered]
regions: [province, county, township]
rows: places
absent: missing
refresh: change
disclosure: {counts: [households, below, households - below], of: registered, partition: income_record, part: with_record, partial: true}
parts: [lines, places]
columns:
  - {name: households, title: 有记录户, type: count, unit: 户}
  - {name: below, title: 低于监测线, type: count, unit: 户}
  - {name: rate, title: 占比, type: number, unit: '%', ratio: {of: below, to: households, times: 100, digits: 2}}
  - {name: line, title: 监测收入线, type: money, unit: 元, ratio: {of: lines, to: places}}
*/
WITH -- The year is of the key, so that versions need no merging for the latest one.
     (SELECT max(year) FROM incomes) AS latest,
     (SELECT anyOrNull(yuan) FROM income_lines FINAL WHERE year = latest) AS this_line
SELECT intDiv(g.village, 1000) AS place,
       count() AS households,
       if(this_line IS NULL, NULL, countIf(i.income < this_line * i.persons)) AS below,
       this_line AS lines,
       1 AS places
FROM
(
    SELECT household, persons, toInt64(wage_income + business_income + property_income + transfer_income) - toInt64(business_expense) AS income
    FROM incomes FINAL
    WHERE year = latest
) AS i
INNER JOIN (SELECT household, village FROM registered FINAL) AS g ON g.household = i.household
GROUP BY place
