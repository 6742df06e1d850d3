/*
title: 监测对象：各类型的首要风险合计 = 该类型
definition: 每一类监测对象在各首要风险下的户数之和等于该类户数
policy: hold
metrics: [monitored.by_type, monitored.by_type_and_cause]
*/
SELECT region,
       concat('不平, ', arrayStringConcat(groupArray(concat(name, '差', toString(abs(e_households - a_households)), '户')), ', ')) AS words,
       toFloat64(any(e_households)) AS expected,
       toFloat64(any(a_households)) AS actual
FROM
(
    -- A side without rows is 0; its sum alone would be NULL, which differs from nothing.
    SELECT scope AS region,
           transform(type, ['unstable_lifted', 'marginal_poor', 'sudden_hardship'], ['脱贫不稳定户', '边缘易致贫户', '突发严重困难户'], type) AS name,
           sumIf(toInt64(ifNull(households, 0)), side = 'expected') AS e_households,
           sumIf(toInt64(ifNull(households, 0)), side = 'actual') AS a_households
    FROM
    (
        SELECT 'expected' AS side, scope, type, households FROM "monitored.by_type"
        -- The cross table is not made for townships, nor where monitoring does not apply.
        WHERE scope IN (SELECT scope FROM "monitored.by_type_and_cause")
        UNION ALL
        SELECT 'actual' AS side, scope, type, households FROM "monitored.by_type_and_cause"
    )
    GROUP BY region, type
    HAVING e_households != a_households
    ORDER BY region, transform(type, ['unstable_lifted', 'marginal_poor', 'sudden_hardship'], [1, 2, 3], 4)
)
GROUP BY region
ORDER BY length(region), region
