/*
title: 资产全程：各环节不超过登记
definition: 确权、移交、管护、收益分配的资产数都不超过登记的资产数
policy: warn
metrics: [assets.life]
*/
SELECT region,
       concat(transform(step, ['confirmed', 'transferred', 'maintained', 'distributed'], ['确权', '移交', '管护', '收益分配'], step),
              '多于登记, 多', toString(toInt64(actual - expected)), '项') AS words,
       expected,
       actual
FROM
(
    SELECT scope AS region,
           sumIf(ifNull(assets, 0), step = 'registered') AS expected,
           groupArrayIf((step, ifNull(assets, 0)), step NOT IN ('registered', 'disposed')) AS reached
    FROM "assets.life"
    GROUP BY region
)
ARRAY JOIN reached.1 AS step, reached.2 AS actual
WHERE actual > expected
ORDER BY length(region), region, step
