/*
title: 资金链条：后一环节 ≤ 前一环节
definition: 本年度市县划分不多于省级下达, 村级拨付不多于市县划分, 收益户发放不多于村级拨付; 多出的来自往年结转, 提示核对
policy: warn
metrics: [funds.by_step]
*/
SELECT region,
       arrayStringConcat(arrayMap(fault -> concat(fault.1, toString(fault.3 - fault.2), '元'), faults), '; ') AS words,
       toFloat64(faults[1].2) AS expected,
       toFloat64(faults[1].3) AS actual
FROM
(
    -- A side without rows is 0; its sum alone would be NULL, which differs from nothing.
    SELECT scope AS region,
           sumIf(toInt64(ifNull(amount, 0)), step = 'issued') AS issued,
           sumIf(toInt64(ifNull(amount, 0)), step = 'allocated') AS allocated,
           sumIf(toInt64(ifNull(amount, 0)), step = 'paid') AS paid,
           sumIf(toInt64(ifNull(amount, 0)), step = 'granted') AS granted,
           arrayFilter(fault -> fault.3 > fault.2, [
               ('市县划分比省级下达多', issued, allocated),
               ('村级拨付比市县划分多', allocated, paid),
               ('收益户发放比村级拨付多', paid, granted)]) AS faults
    FROM "funds.by_step"
    GROUP BY region
)
WHERE notEmpty(faults)
ORDER BY length(region), region
