/*
title: 画像：家庭规模合计 = 有画像户数
definition: 各档家庭规模的户数之和等于有画像的监测对象户数
policy: warn
metrics: [profile.coverage, profile.by_size]
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
        SELECT 'expected' AS side, scope, households FROM "profile.coverage"
        WHERE coverage = 'with_profile'
        UNION ALL
        SELECT 'actual' AS side, scope, households FROM "profile.by_size"
    )
    GROUP BY region
)
WHERE e_households != a_households
ORDER BY length(region), region
