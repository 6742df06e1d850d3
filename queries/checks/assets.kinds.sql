/*
title: 扶贫资产：种类合计 + 种类不明 = 总量
definition: 各种类资产数之和加上种类不明的资产数等于资产总量
policy: warn
metrics: [assets.total, assets.by_kind]
*/
SELECT region,
       concat('不平, 差', toString(abs(e_assets - a_assets)), '项') AS words,
       toFloat64(e_assets) AS expected,
       toFloat64(a_assets) AS actual
FROM
(
    SELECT scope AS region,
           sumIf(toInt64(ifNull(assets, 0)), side = 'expected') AS e_assets,
           sumIf(toInt64(ifNull(assets, 0)), side = 'actual') AS a_assets
    FROM
    (
        SELECT 'expected' AS side, scope, assets
        FROM "assets.total"
        UNION ALL
        SELECT 'actual' AS side, scope, assets
        FROM "assets.by_kind"
        UNION ALL
        SELECT 'actual' AS side, scope, kind_unknown AS assets
        FROM "assets.total"
    )
    GROUP BY region
)
WHERE e_assets != a_assets
ORDER BY length(region), region
