/*
title: 资金流水核对
unit: 笔
definition: 上月与本月的资金流水逐笔去重后的笔数与金额, 与月汇总的笔数与金额并列, 供勾稽
policy: 系统内部勾稽
source: 精准施策子系统
tables: [fund_flows, funds_monthly, regions]
regions: [province]
absent: zero
refresh: day
disclosure: {shown: "资金按环节汇总, 不涉个人"}
columns:
  - {name: flows, title: 流水笔数, type: count, unit: 笔}
  - {name: amount, title: 流水金额, type: money, unit: 元}
  - {name: rollup_flows, title: 汇总笔数, type: count, unit: 笔}
  - {name: rollup_amount, title: 汇总金额, type: money, unit: 元}
*/
WITH toDate(toStartOfMonth(toDate({now:DateTime('Asia/Shanghai')}))) AS this_month
SELECT toString((SELECT max(code) FROM regions FINAL WHERE level = 'province')) AS scope,
       f.flows AS flows,
       f.amount AS amount,
       m.flows AS rollup_flows,
       m.amount AS rollup_amount
FROM
(
    -- The window is on the sorting key, so that no other month is read.
    SELECT count() AS flows, sum(amount) AS amount
    FROM fund_flows FINAL
    WHERE toDate(at, 'Asia/Shanghai') >= addMonths(this_month, -1)
      AND toDate(at, 'Asia/Shanghai') < addMonths(this_month, 1)
) AS f
CROSS JOIN (SELECT sum(flows) AS flows, sum(amount) AS amount FROM funds_monthly WHERE month BETWEEN addMonths(this_month, -1) AND this_month) AS m
WHERE scope != '0'
