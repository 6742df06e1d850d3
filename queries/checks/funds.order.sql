/*
title: 资金链条：后一环节 ≤ 前一环节
definition: 本年度市县划分不多于省级下达, 村级拨付不多于市县划分, 收益户发放不多于村级拨付; 多出的来自往年结转, 提示核对
policy: warn
metrics: [funds.by_step]
*/
SELECT region,
       multiIf(allocated > issued, concat('市县划分比省级下达多', toString(allocated - issued), '元'),
               paid > allocated, concat('村级拨付比市县划分多', toString(paid - allocated), '元'),
               concat('收益户发放比村级拨付多', toString(granted - paid), '元')) AS words,
       toFloat64(multiIf(allocated > issued, issued, paid > allocated, allocated, paid)) AS expected,
       toFloat64(multiIf(allocated > issued, allocated, paid > allocated, paid, granted)) AS actual
FROM
(
    SELECT scope AS region,
           sumIf(toInt64(amount), step = 'issued') AS issued,
           sumIf(toInt64(amount), step = 'allocated') AS allocated,
           sumIf(toInt64(amount), step = 'paid') AS paid,
           sumIf(toInt64(amount), step = 'granted') AS granted
    FROM "funds.by_step"
    GROUP BY region
)
WHERE allocated > issued OR paid > allocated OR granted > paid
ORDER BY length(region), region
