/*
title: 抽签
unit: 轮
definition: 近十二个月 (含本月至今) 各月在村里举行的抽签轮数、参加数、抽中数与异议数
policy: 未见公开文件, 按新型帮扶体系子系统的抽签记录计数
source: 新型帮扶体系子系统
tables: [lotteries]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "抽签按组或组织计数, 不涉农户状况"}
columns:
  - {name: month, title: 月份, type: date, last: {months: 12}}
  - {name: rounds, title: 轮数, type: count, unit: 轮}
  - {name: candidates, title: 参加数, type: count, unit: 个}
  - {name: drawn, title: 抽中数, type: count, unit: 个}
  - {name: objections, title: 异议数, type: count, unit: 个}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(village, 1000) AS place,
       toString(toStartOfMonth(toDate(at, 'Asia/Shanghai'))) AS month,
       count() AS rounds,
       sum(candidates) AS candidates,
       sum(drawn) AS drawn,
       sum(objections) AS objections
FROM lotteries FINAL
WHERE toDate(at, 'Asia/Shanghai') BETWEEN toStartOfMonth(today) - toIntervalMonth(11) AND today
GROUP BY place, month
