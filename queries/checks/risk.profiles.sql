/*
title: 风险研判：已研判 + 无画像 = 未消除
definition: 已研判的与没有画像的监测对象之和等于风险未消除的监测对象
policy: warn
metrics: [risk.remaining, risk.assessed]
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
        SELECT 'expected' AS side, scope, households AS figure FROM "risk.remaining"
        UNION ALL
        SELECT 'actual' AS side, scope, households + without AS figure FROM "risk.assessed"
    )
    GROUP BY region
)
WHERE expected_total != actual_total
ORDER BY length(region), region
