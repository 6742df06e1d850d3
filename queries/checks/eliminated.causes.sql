/*
title: 消除：各首要风险合计 = 风险消除
definition: 风险消除户按首要风险划分, 各项户数与人数之和等于风险消除
policy: hold
metrics: [risk.eliminated, eliminated.by_cause]
*/
SELECT region,
       concat('不平, 差', toString(abs(e_households - a_households)), '户',
              if(e_persons = a_persons, '', concat(toString(abs(e_persons - a_persons)), '人'))) AS words,
       toFloat64(e_households) AS expected,
       toFloat64(a_households) AS actual
FROM
(
    -- A side without rows is 0; its sum alone would be NULL, which differs from nothing.
    SELECT scope AS region,
           sumIf(toInt64(ifNull(households, 0)), side = 'expected') AS e_households,
           sumIf(toInt64(ifNull(persons, 0)), side = 'expected') AS e_persons,
           sumIf(toInt64(ifNull(households, 0)), side = 'actual') AS a_households,
           sumIf(toInt64(ifNull(persons, 0)), side = 'actual') AS a_persons
    FROM
    (
        SELECT 'expected' AS side, scope, households, persons FROM "risk.eliminated"
        UNION ALL
        SELECT 'actual' AS side, scope, households, persons FROM "eliminated.by_cause"
    )
    GROUP BY region
)
WHERE e_households != a_households OR e_persons != a_persons
ORDER BY length(region), region
