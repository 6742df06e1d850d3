/*
title: 资金流水核对
unit: 笔
definition: 本年度资金流水逐笔去重后的笔数与金额, 与年汇总的笔数与金额并列, 供勾稽
policy: 财农〔2021〕19号《中央财政衔接推进乡村振兴补助资金管理办法》
source: 精准施策子系统
tables: [fund_flows, funds_yearly, regions]
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
WITH toYear({now:DateTime('Asia/Shanghai')}) AS this_year
SELECT toString((SELECT max(code) FROM regions FINAL WHERE level = 'province')) AS scope,
       f.flows AS flows,
       f.amount AS amount,
       y.flows AS rollup_flows,
       y.amount AS rollup_amount
FROM
(
    -- Movements of this year only: the window is on the sorting key, so that no other year is read.
    SELECT count() AS flows, sum(amount) AS amount
    FROM fund_flows FINAL
    WHERE toDate(at, 'Asia/Shanghai') >= toStartOfYear(toDate({now:DateTime('Asia/Shanghai')}))
      AND toDate(at, 'Asia/Shanghai') < addYears(toStartOfYear(toDate({now:DateTime('Asia/Shanghai')})), 1)
) AS f
CROSS JOIN (SELECT sum(flows) AS flows, sum(amount) AS amount FROM funds_yearly WHERE year = this_year) AS y
WHERE scope != '0'
