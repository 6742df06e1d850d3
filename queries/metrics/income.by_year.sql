/*
title: 人均收入
unit: 元
definition: 近五年有收入记录的建档立卡户与监测对象的人均可支配收入 = (工资性 + 生产经营性 + 财产性 + 转移性 − 生产经营支出) ÷ 人数, 按总收入除以总人数计; 增幅比较相邻两年各自全部有记录的户, 与上一年无记录则无; 同一批户的增幅见收入增长
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [incomes, regions]
regions: [province, county, township]
absent: missing
refresh: change
disclosure: {counts: [households], of: households_with_income, partition: year, overlapping: true}
columns:
  - {name: year, title: 年度, type: date}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: income, title: 总收入, type: money, unit: 元}
  - {name: per_head, title: 人均收入, type: money, unit: 元}
  - {name: growth, title: 比上年, type: number, unit: '%'}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     -- The year is of the key, so that versions need no merging for the latest one.
     (SELECT max(year) FROM incomes) AS latest
SELECT scope,
       concat(toString(calendar), '-01-01') AS year,
       households,
       income,
       round(per_head) AS per_head,
       -- + 0: no minus sign before a zero.
       round(100 * (per_head / nullIf(per_head_before, 0) - 1), 2) + 0 AS growth
FROM
(
    SELECT s.scope AS scope,
           s.year AS calendar,
           i.households AS households,
           i.income AS income,
           i.income / nullIf(i.persons, 0) AS per_head,
           lagInFrame(per_head) OVER (PARTITION BY s.scope ORDER BY s.year ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS per_head_before
    FROM
    (
        -- One year more than is shown, for the growth of the first.
        SELECT toString(code) AS scope, toUInt16(latest - arrayJoin(range(6))) AS year
        FROM regions FINAL
        WHERE level != 'village' AND applicable AND latest > 0
    ) AS s
    LEFT JOIN
    (
        SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
               t.year AS year,
               sum(t.households) AS households,
               sum(t.persons) AS persons,
               sum(t.income) AS income
        FROM
        (
            SELECT intDiv(village, 1000) AS township,
                   year,
                   count() AS households,
                   sum(persons) AS persons,
                   sum(toInt64(wage_income + business_income + property_income + transfer_income) - toInt64(business_expense)) AS income
            FROM incomes FINAL
            WHERE year > latest - 6
            GROUP BY township, year
        ) AS t
        LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
        GROUP BY scope, year
    ) AS i ON i.scope = s.scope AND i.year = s.year
)
WHERE calendar > latest - 5
ORDER BY scope, year
