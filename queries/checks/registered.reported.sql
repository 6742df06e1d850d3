/*
title: 建档立卡：分项合计 = 上报总数
definition: 逐户计数的三档之和等于上报总数; 不等时照报不改, 只说明差额
policy: note
metrics: [registered.total, registered.by_stability]
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
        SELECT 'expected' AS side, scope, households, persons FROM "registered.total"
        UNION ALL
        SELECT 'actual' AS side, scope, households, persons FROM "registered.by_stability"
        WHERE scope IN (SELECT scope FROM "registered.total")
    )
    GROUP BY region
)
WHERE e_households != a_households OR e_persons != a_persons
ORDER BY length(region), region
