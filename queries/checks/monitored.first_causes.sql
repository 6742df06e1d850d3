/*
title: 监测对象：首要风险合计 = 总数
definition: 首要风险各项的户数与人数之和等于监测对象总数
policy: hold
metrics: [monitored.total, monitored.by_first_cause]
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
        SELECT 'expected' AS side, scope, households, persons FROM "monitored.total"
        UNION ALL
        SELECT 'actual' AS side, scope, households, persons FROM "monitored.by_first_cause"
    )
    GROUP BY region
)
WHERE e_households != a_households OR e_persons != a_persons
ORDER BY length(region), region
