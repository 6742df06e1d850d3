/*
title: 收入：四项合计 − 支出 = 总收入
definition: 最近一个有记录年度的工资性、生产经营性、财产性、转移性之和减去生产经营支出, 等于该年总收入
policy: hold
metrics: [income.by_year, income.structure]
tables: [regions]
*/
SELECT region,
       concat('不平, 差', toString(abs(e_income - a_income)), '元') AS words,
       toFloat64(e_income) AS expected,
       toFloat64(a_income) AS actual
FROM
(
    -- A side without rows is 0; its sum alone would be NULL, which differs from nothing.
    SELECT scope AS region,
           sumIf(toInt64(ifNull(income, 0)), side = 'expected') AS e_income,
           sumIf(toInt64(ifNull(income, 0)), side = 'actual') AS a_income
    FROM
    (
        SELECT 'expected' AS side, scope, income FROM "income.by_year"
        WHERE year = (SELECT max(year) FROM "income.by_year")
        UNION ALL
        SELECT 'actual' AS side, scope, if(kind = 'expense', -income, income) AS income FROM "income.structure"
        -- The years are listed where monitoring applies; what is delivered for elsewhere has no side to compare.
        WHERE scope NOT IN (SELECT toString(code) FROM regions FINAL WHERE NOT applicable)
    )
    GROUP BY region
)
WHERE e_income != a_income
ORDER BY length(region), region
