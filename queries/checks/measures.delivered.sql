/*
title: 措施：落实 ≤ 计划
definition: 各组措施的落实数不多于计划数, 落实金额不多于计划金额
policy: warn
metrics: [measures.by_group, measures.amounts]
*/
SELECT region,
       arrayStringConcat(groupArray(words), '; ') AS words,
       -- Those of the first that is named: measures and yuan do not add up.
       toFloat64(groupArray(planned)[1]) AS expected,
       toFloat64(groupArray(delivered)[1]) AS actual
FROM
(
    SELECT scope AS region,
           group,
           ifNull(planned, 0) AS planned,
           ifNull(delivered, 0) AS delivered,
           concat(transform(group, ['development', 'health', 'education', 'security'], ['开发式', '健康', '教育', '保障'], '其他'),
                  '落实超计划', toString(toInt64(delivered - planned)), unit) AS words
    FROM
    (
        SELECT scope, group, planned, delivered, '项' AS unit FROM "measures.by_group"
        UNION ALL
        SELECT scope, group, planned_amount, delivered_amount, '元' FROM "measures.amounts"
    )
    WHERE delivered > planned
    ORDER BY unit, indexOf(['development', 'health', 'education', 'security', 'other'], group)
)
GROUP BY region
ORDER BY length(region), region
