/*
title: 识别路径：相对贫困对象 = 相对贫困监测在册
definition: 全量农户中列为相对贫困对象的户数与人数, 等于相对贫困监测中的
policy: warn
metrics: [path.by_standing, relative.stock]
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
        SELECT 'expected' AS side, scope, households, persons FROM "relative.stock"
        UNION ALL
        SELECT 'actual' AS side, scope, households, persons FROM "path.by_standing"
        WHERE standing = 'relative'
    )
    GROUP BY region
)
WHERE e_households != a_households OR e_persons != a_persons
ORDER BY length(region), region
