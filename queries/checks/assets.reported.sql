/*
title: 扶贫资产：逐项计数 = 上报总数
definition: 已登记且未处置的资产数等于上报的资产总数; 不等时照报不改, 只说明差额; 未上报的不比
policy: note
metrics: [assets.total]
tables: [reported_totals]
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
        SELECT 'expected' AS side, toString(region) AS scope, toNullable(toFloat64(households)) AS assets
        FROM reported_totals FINAL
        WHERE subject = 'assets'
        UNION ALL
        SELECT 'actual' AS side, scope, assets
        FROM "assets.total"
        WHERE scope IN (SELECT toString(region) FROM reported_totals FINAL WHERE subject = 'assets')
    )
    GROUP BY region
)
WHERE e_assets != a_assets
ORDER BY length(region), region
