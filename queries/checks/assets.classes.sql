/*
title: 扶贫资产：三类合计 = 总量
definition: 三类资产的项数、原值与净值之和等于资产总量
policy: hold
metrics: [assets.total, assets.by_class]
*/
SELECT region,
       concat('不平, ', arrayStringConcat(arrayFilter(w -> w != '',
       [
           if(e_assets = a_assets, '', concat('资产差', toString(abs(e_assets - a_assets)), '项')),
           if(e_original_value = a_original_value, '', concat('原值差', toString(abs(e_original_value - a_original_value)), '元')),
           if(e_net_value = a_net_value, '', concat('净值差', toString(abs(e_net_value - a_net_value)), '元'))
       ]), ', ')) AS words,
       toFloat64(multiIf(e_assets != a_assets, e_assets, e_original_value != a_original_value, e_original_value, e_net_value)) AS expected,
       toFloat64(multiIf(e_assets != a_assets, a_assets, e_original_value != a_original_value, a_original_value, a_net_value)) AS actual
FROM
(
    SELECT scope AS region,
           sumIf(toInt64(ifNull(assets, 0)), side = 'expected') AS e_assets,
           sumIf(toInt64(ifNull(assets, 0)), side = 'actual') AS a_assets,
           sumIf(toInt64(ifNull(original_value, 0)), side = 'expected') AS e_original_value,
           sumIf(toInt64(ifNull(original_value, 0)), side = 'actual') AS a_original_value,
           sumIf(toInt64(ifNull(net_value, 0)), side = 'expected') AS e_net_value,
           sumIf(toInt64(ifNull(net_value, 0)), side = 'actual') AS a_net_value
    FROM
    (
        SELECT 'expected' AS side, scope, assets, original_value, net_value
        FROM "assets.total"
        UNION ALL
        SELECT 'actual' AS side, scope, assets, original_value, net_value
        FROM "assets.by_class"
    )
    GROUP BY region
)
WHERE e_assets != a_assets OR e_original_value != a_original_value OR e_net_value != a_net_value
ORDER BY length(region), region
