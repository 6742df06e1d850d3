/*
title: 措施：十六类合计 = 五组
definition: 各组的计划数与落实数等于组内各类之和
policy: hold
metrics: [measures.by_kind, measures.by_group]
*/
SELECT region,
       concat('不平, ', arrayStringConcat(groupArray(words), '; ')) AS words,
       toFloat64(sum(e_planned)) AS expected,
       toFloat64(sum(a_planned)) AS actual
FROM
(
    -- A side without rows is 0; its sum alone would be NULL, which differs from nothing.
    SELECT scope AS region,
           group,
           sumIf(toInt64(ifNull(planned, 0)), side = 'expected') AS e_planned,
           sumIf(toInt64(ifNull(delivered, 0)), side = 'expected') AS e_delivered,
           sumIf(toInt64(ifNull(planned, 0)), side = 'actual') AS a_planned,
           sumIf(toInt64(ifNull(delivered, 0)), side = 'actual') AS a_delivered,
           concat(transform(group, ['development', 'health', 'education', 'security'], ['开发式', '健康', '教育', '保障'], '其他'),
                  '计划差', toString(abs(e_planned - a_planned)), '项落实差', toString(abs(e_delivered - a_delivered)), '项') AS words
    FROM
    (
        SELECT 'expected' AS side,
               scope,
               multiIf(kind IN ('industry', 'employment', 'finance', 'public_post', 'consumption'), 'development',
                       kind = 'health', 'health',
                       kind IN ('compulsory_education', 'other_education'), 'education',
                       kind IN ('comprehensive_security', 'housing', 'drinking_water'), 'security',
                       'other') AS group,
               planned,
               delivered
        FROM "measures.by_kind"
        UNION ALL
        SELECT 'actual' AS side, scope, group, planned, delivered FROM "measures.by_group"
    )
    GROUP BY region, group
    HAVING e_planned != a_planned OR e_delivered != a_delivered
    ORDER BY indexOf(['development', 'health', 'education', 'security', 'other'], group)
)
GROUP BY region
ORDER BY length(region), region
