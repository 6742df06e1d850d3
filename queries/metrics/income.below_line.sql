/*
title: 建档立卡户收入低于监测线
unit: 户
definition: 最近一个有收入记录的年度, 建档立卡户中人均可支配收入低于该年监测收入线的; 无该年监测收入线则缺报; 按户现在的村归属
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [incomes, income_lines, registered, regions]
regions: [province, county, township]
absent: missing
refresh: change
disclosure: {counts: [households, below, households - below], of: registered, partition: income_record, part: with_record, partial: true}
columns:
  - {name: households, title: 有记录户, type: count, unit: 户}
  - {name: below, title: 低于监测线, type: count, unit: 户}
  - {name: rate, title: 占比, type: number, unit: '%'}
  - {name: line, title: 监测收入线, type: money, unit: 元}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     -- The year is of the key, so that versions need no merging for the latest one.
     (SELECT max(year) FROM incomes) AS latest,
     (SELECT anyOrNull(yuan) FROM income_lines FINAL WHERE year = latest) AS line
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       sum(t.households) AS households,
       if(line IS NULL, NULL, sum(t.below)) AS below,
       round(100 * below / nullIf(households, 0), 2) AS rate,
       line
FROM
(
    SELECT intDiv(g.village, 1000) AS township,
           count() AS households,
           countIf(i.income < line * i.persons) AS below
    FROM
    (
        SELECT household, persons, toInt64(wage_income + business_income + property_income + transfer_income) - toInt64(business_expense) AS income
        FROM incomes FINAL
        WHERE year = latest
    ) AS i
    INNER JOIN (SELECT household, village FROM registered FINAL) AS g ON g.household = i.household
    GROUP BY township
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope
