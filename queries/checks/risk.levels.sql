/*
title: 风险等级：三级合计 = 已研判
definition: 红、黄、绿三级监测对象之和等于已研判的监测对象; 没有分数线时不比
policy: warn
metrics: [risk.assessed, risk.by_level]
*/
SELECT region,
       concat('不平, 差', toString(abs(expected_total - actual_total)), '户') AS words,
       toFloat64(expected_total) AS expected,
       toFloat64(actual_total) AS actual
FROM
(
    SELECT scope AS region,
           sumIf(toInt64(ifNull(figure, 0)), side = 'expected') AS expected_total,
           sumIf(toInt64(ifNull(figure, 0)), side = 'actual') AS actual_total
    FROM
    (
        SELECT 'expected' AS side, scope, households AS figure FROM "risk.assessed"
        WHERE (SELECT countIf(isNull(households)) FROM "risk.by_level") = 0
        UNION ALL
        SELECT 'actual' AS side, scope, households AS figure FROM "risk.by_level"
    )
    GROUP BY region
)
WHERE expected_total != actual_total
ORDER BY length(region), region
