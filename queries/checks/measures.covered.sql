/*
title: 措施：已覆盖 + 未覆盖 = 风险未消除
definition: 有措施与无措施的户之和等于风险未消除的监测对象
policy: warn
metrics: [risk.remaining, measures.coverage]
tables: [regions]
*/
SELECT region,
       concat('不平, 差', toString(abs(e_households - a_households)), '户') AS words,
       toFloat64(e_households) AS expected,
       toFloat64(a_households) AS actual
FROM
(
    -- A side without rows is 0; its sum alone would be NULL, which differs from nothing.
    SELECT scope AS region,
           sumIf(toInt64(ifNull(households, 0)), side = 'expected') AS e_households,
           sumIf(toInt64(ifNull(households, 0)), side = 'actual') AS a_households
    FROM
    (
        SELECT 'expected' AS side, scope, households FROM "risk.remaining"
        -- Coverage is listed where monitoring applies; a household elsewhere has no side to compare.
        WHERE scope NOT IN (SELECT toString(code) FROM regions FINAL WHERE NOT applicable)
        UNION ALL
        SELECT 'actual' AS side, scope, covered + uncovered AS households FROM "measures.coverage"
    )
    GROUP BY region
)
WHERE e_households != a_households
ORDER BY length(region), region
