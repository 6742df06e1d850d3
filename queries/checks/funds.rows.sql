/*
title: 资金流水：逐笔 = 月汇总
definition: 上月与本月的资金流水去重后的笔数与金额等于月汇总; 同一笔重复送来而被汇总两次的, 在此显出
policy: warn
equal:
  expected:
    - {metric: funds.recent_rows}
  actual:
    - {metric: funds.recent_rows, take: {flows: rollup_flows, amount: rollup_amount}}
  figures:
    - {name: flows, unit: 笔}
    - {name: amount, unit: 元}
*/
