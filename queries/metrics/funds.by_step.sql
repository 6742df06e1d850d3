/*
title: 资金环节
unit: 元
definition: 本年度各环节的资金笔数与金额
policy: 财农〔2021〕19号《中央财政衔接推进乡村振兴补助资金管理办法》
source: 精准施策子系统
tables: [funds_monthly]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "资金按环节汇总, 不涉个人"}
daily: true
columns:
  - {name: step, title: 环节, type: code, codes: fund_step}
  - {name: flows, title: 笔数, type: count, unit: 笔}
  - {name: amount, title: 金额, type: money, unit: 元}
*/
SELECT township AS place,
       step,
       sum(flows) AS flows,
       sum(amount) AS amount
FROM funds_monthly
WHERE toYear(month) = toYear({now:DateTime('Asia/Shanghai')})
GROUP BY place, step
