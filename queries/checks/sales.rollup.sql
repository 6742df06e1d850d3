/*
title: 产品销售：明细 = 日汇总
definition: 近三十日销售明细的笔数与金额等于销售日汇总的
policy: warn
equal:
  expected:
    - {metric: sales.recent_rows}
  actual:
    - {metric: sales.recent_rows, take: {sales: daily_sales, amount: daily_amount}}
  figures:
    - {name: sales, unit: 笔, label: 笔数}
    - {name: amount, unit: 元, label: 金额}
*/
