/*
title: 识别路径：下级合计 = 本级
definition: 各市县的全量农户之和等于全省, 各乡镇之和等于市县; 四类治理对象各自亦然
policy: warn
metrics: [path.by_standing, path.by_region]
*/
SELECT region,
       concat('不平, ', arrayStringConcat(groupArray(concat(name, '差', toString(abs(e_households - a_households)), '户')), ', ')) AS words,
       toFloat64(sum(e_households)) AS expected,
       toFloat64(sum(a_households)) AS actual
FROM
(
    -- A side without rows is 0; its sum alone would be NULL, which differs from nothing.
    SELECT scope AS region,
           transform(standing, ['general', 'screened', 'relative', 'monitored'], ['一般农户', '初选对象', '相对贫困对象', '监测对象'], standing) AS name,
           sumIf(toInt64(ifNull(households, 0)), side = 'expected') AS e_households,
           sumIf(toInt64(ifNull(households, 0)), side = 'actual') AS a_households
    FROM
    (
        SELECT 'expected' AS side, scope, standing, households FROM "path.by_standing"
        WHERE length(scope) = 6
        UNION ALL
        SELECT 'actual' AS side, scope, part.1 AS standing, part.2 AS households FROM "path.by_region"
        ARRAY JOIN [('general', general), ('screened', screened), ('relative', relative), ('monitored', monitored)] AS part
    )
    GROUP BY region, standing
    HAVING e_households != a_households
    ORDER BY region, transform(standing, ['general', 'screened', 'relative', 'monitored'], [1, 2, 3, 4], 5)
)
GROUP BY region
ORDER BY length(region), region
