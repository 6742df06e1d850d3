/*
title: 资金流水：逐笔 = 月汇总
definition: 上月与本月的资金流水去重后的笔数与金额等于月汇总; 同一笔重复送来而被汇总两次的, 在此显出
policy: warn
metrics: [funds.recent_rows]
*/
SELECT scope AS region,
       concat('不平, 差', toString(toInt64(abs(rollup_flows - flows))), '笔', toString(toInt64(abs(rollup_amount - amount))), '元') AS words,
       assumeNotNull(flows) AS expected,
       assumeNotNull(rollup_flows) AS actual
FROM "funds.recent_rows"
WHERE flows != rollup_flows OR amount != rollup_amount
ORDER BY length(region), region
