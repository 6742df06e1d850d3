/*
title: 应急：再评估合计 = 受影响户数
definition: 最近事件各再评估结果的户数之和等于受影响户数
policy: hold
metrics: [emergency.relief, emergency.reassessment]
*/
SELECT region,
       concat('不平, 差', toString(abs(e_households - a_households)), '户') AS words,
       toFloat64(e_households) AS expected,
       toFloat64(a_households) AS actual
FROM
(
    SELECT scope AS region,
           sumIf(toInt64(ifNull(households, 0)), side = 'expected') AS e_households,
           sumIf(toInt64(ifNull(households, 0)), side = 'actual') AS a_households
    FROM
    (
        SELECT 'expected' AS side, scope, households
        FROM "emergency.relief"
        UNION ALL
        SELECT 'actual' AS side, scope, households
        FROM "emergency.reassessment"
    )
    GROUP BY region
)
WHERE e_households != a_households
ORDER BY length(region), region
