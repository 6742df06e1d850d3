/*
title: 档案：状态合计 = 类别合计
definition: 收集中、已收集、已归档的案卷之和等于六类案卷之和, 已归档的等于六类已归档之和
policy: hold
metrics: [archives.by_state, archives.by_category]
*/
SELECT region,
       concat('不平, ', arrayStringConcat(arrayFilter(w -> w != '',
       [
           if(e_volumes = a_volumes, '', concat('案卷差', toString(abs(e_volumes - a_volumes)), '卷')),
           if(e_archived = a_archived, '', concat('已归档差', toString(abs(e_archived - a_archived)), '卷'))
       ]), ', ')) AS words,
       toFloat64(multiIf(e_volumes != a_volumes, e_volumes, e_archived)) AS expected,
       toFloat64(multiIf(e_volumes != a_volumes, a_volumes, a_archived)) AS actual
FROM
(
    SELECT scope AS region,
           sumIf(toInt64(ifNull(volumes, 0)), side = 'expected') AS e_volumes,
           sumIf(toInt64(ifNull(volumes, 0)), side = 'actual') AS a_volumes,
           sumIf(toInt64(ifNull(archived, 0)), side = 'expected') AS e_archived,
           sumIf(toInt64(ifNull(archived, 0)), side = 'actual') AS a_archived
    FROM
    (
        SELECT 'expected' AS side, scope, volumes, archived
        FROM "archives.by_category"
        UNION ALL
        SELECT 'actual' AS side, scope, volumes, if(state = 'archived', volumes, 0) AS archived
        FROM "archives.by_state"
        WHERE state != 'destroyed'
    )
    GROUP BY region
)
WHERE e_volumes != a_volumes OR e_archived != a_archived
ORDER BY length(region), region
