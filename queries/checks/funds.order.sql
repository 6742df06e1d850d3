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
    SELECT scope AS region,
           sumIf(toInt64(amount), step = 'issued') AS issued,
           sumIf(toInt64(amount), step = 'allocated') AS allocated,
           sumIf(toInt64(amount), step = 'paid') AS paid,
           sumIf(toInt64(amount), step = 'granted') AS granted,
           arrayFilter(fault -> fault.3 > fault.2, [
               ('市县划分比省级下达多', assumeNotNull(issued), assumeNotNull(allocated)),
               ('村级拨付比市县划分多', assumeNotNull(allocated), assumeNotNull(paid)),
               ('收益户发放比村级拨付多', assumeNotNull(paid), assumeNotNull(granted))]) AS faults
    FROM "funds.by_step"
    GROUP BY region
)
WHERE notEmpty(faults)
ORDER BY length(region), region
