/*
title: 全量农户：收入分档合计 = 全量农户
definition: 各收入档的户数与人数之和等于全量农户; 没有监测收入线时不比
policy: hold
metrics: [path.by_standing, rural.by_income]
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
        SELECT 'expected' AS side, scope, households, persons FROM "path.by_standing"
        WHERE (SELECT countIf(isNull(households)) FROM "rural.by_income") = 0
        UNION ALL
        SELECT 'actual' AS side, scope, ifNull(households, 0) AS households, ifNull(persons, 0) AS persons FROM "rural.by_income"
    )
    GROUP BY region
)
WHERE e_households != a_households OR e_persons != a_persons
ORDER BY length(region), region
