/*
title: 扶贫资产：下级合计 = 本级
definition: 各市县之和等于全省, 各乡镇之和等于市县
policy: warn
metrics: [assets.total, assets.by_region]
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
        WHERE length(scope) = 6
        UNION ALL
        SELECT 'actual' AS side, scope, assets, original_value, net_value
        FROM "assets.by_region"
    )
    GROUP BY region
)
WHERE e_assets != a_assets OR e_original_value != a_original_value OR e_net_value != a_net_value
ORDER BY length(region), region
