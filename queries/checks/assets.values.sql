/*
title: 扶贫资产：净值不高于原值
definition: 资产总量与三类资产的净值都不高于原值
policy: warn
metrics: [assets.total, assets.by_class]
*/
SELECT region,
       concat(part, '净值高于原值, 高', toString(toInt64(actual - expected)), '元') AS words,
       expected,
       actual
FROM
(
    SELECT scope AS region, '资产总量' AS part, ifNull(original_value, 0) AS expected, ifNull(net_value, 0) AS actual
    FROM "assets.total"
    UNION ALL
    SELECT scope AS region,
           transform(class, ['public_welfare', 'operating', 'household'], ['公益性资产', '经营性资产', '到户类资产'], class) AS part,
           ifNull(original_value, 0) AS expected,
           ifNull(net_value, 0) AS actual
    FROM "assets.by_class"
)
WHERE actual > expected
ORDER BY length(region), region, part
