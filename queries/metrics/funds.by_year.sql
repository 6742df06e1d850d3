/*
title: 历年资金
unit: 元
definition: 自有流水之年起至本年度, 各年各环节的资金金额; 以每年1月1日代表该年
policy: 财农〔2021〕19号《中央财政衔接推进乡村振兴补助资金管理办法》
source: 精准施策子系统
tables: [funds_monthly, regions]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "资金按环节汇总, 不涉个人"}
columns:
  - {name: year, title: 年度, type: date}
  - {name: issued, title: 省级下达, type: money, unit: 元}
  - {name: allocated, title: 市县划分, type: money, unit: 元}
  - {name: paid, title: 村级拨付, type: money, unit: 元}
  - {name: granted, title: 收益户发放, type: money, unit: 元}
*/
SELECT township AS place,
       concat(toString(toYear(month)), '-01-01') AS year,
       sumIf(amount, step = 'issued') AS issued,
       sumIf(amount, step = 'allocated') AS allocated,
       sumIf(amount, step = 'paid') AS paid,
       sumIf(amount, step = 'granted') AS granted
FROM funds_monthly
GROUP BY place, year
UNION ALL
-- Zeros, so that every region has every year since the first.
SELECT code,
       concat(toString(arrayJoin(range(toUInt16(ifNull((SELECT toYear(minOrNull(month)) FROM funds_monthly), toYear({now:DateTime('Asia/Shanghai')}))), toYear({now:DateTime('Asia/Shanghai')}) + 1))), '-01-01'),
       0, 0, 0, 0
FROM regions FINAL
WHERE level = 'township' AND applicable
