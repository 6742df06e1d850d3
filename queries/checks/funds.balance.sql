/*
title: 资金链条：流入 = 流出
definition: 各环节流入的与流出的金额都等于该环节本年度的金额
policy: hold
metrics: [funds.by_step, funds.chain]
*/
SELECT region,
       concat('不平, ', arrayStringConcat(groupArray(words), '; ')) AS words,
       toFloat64(sum(whole)) AS expected,
       toFloat64(sum(if(inflow = whole, outflow, inflow))) AS actual
FROM
(
    -- A side without rows is 0; its sum alone would be NULL, which differs from nothing.
    SELECT scope AS region,
           step,
           sumIf(toInt64(ifNull(amount, 0)), side = 'step') AS whole,
           -- The province's issue comes from nowhere, and what households received goes nowhere.
           if(step = 'issued', whole, sumIf(toInt64(ifNull(amount, 0)), side = 'in')) AS inflow,
           if(step = 'granted', whole, sumIf(toInt64(ifNull(amount, 0)), side = 'out')) AS outflow,
           concat(transform(step, ['issued', 'allocated', 'paid'], ['省级下达', '市县划分', '村级拨付'], '收益户发放'),
                  '应', toString(whole), '元, 流入', toString(inflow), '元, 流出', toString(outflow), '元') AS words
    FROM
    (
        SELECT 'step' AS side, scope, step, amount FROM "funds.by_step"
        UNION ALL
        SELECT 'in' AS side, scope,
               transform(target, ['市县划分', '村级拨付', '收益户发放'], ['allocated', 'paid', 'granted'], '') AS step, amount
        FROM "funds.chain"
        UNION ALL
        SELECT 'out' AS side, scope,
               transform(source, ['省级下达', '市县划分', '村级拨付'], ['issued', 'allocated', 'paid'], '') AS step, amount
        FROM "funds.chain"
    )
    WHERE step != '' -- what stays at a step, and what earlier years left, are no steps
    GROUP BY region, step
    HAVING inflow != whole OR outflow != whole
    ORDER BY indexOf(['issued', 'allocated', 'paid', 'granted'], step)
)
GROUP BY region
ORDER BY length(region), region
