/*
title: 资产登记年度
unit: 项
definition: 已登记且未处置的扶贫资产按登记年度划分, 近十年 (含今年)
policy: 国办函〔2021〕51号《关于加强扶贫项目资产后续管理的指导意见》
source: 扶贫资产管理子系统
tables: [assets]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "资产不涉个人"}
columns:
  - {name: year, title: 年度, type: date, last: {years: 10}}
  - {name: assets, title: 资产数, type: count, unit: 项}
  - {name: original_value, title: 原值, type: money, unit: 元}
  - {name: net_value, title: 净值, type: money, unit: 元}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(village, 1000) AS place,
       toString(toStartOfYear(toDate(registered_at, 'Asia/Shanghai'))) AS year,
       count() AS assets,
       sum(original_value) AS original_value,
       sum(net_value) AS net_value
FROM assets FINAL
WHERE state = 'in_use'
  AND toDate(registered_at, 'Asia/Shanghai') BETWEEN toStartOfYear(today) - toIntervalYear(9) AND toStartOfYear(today) + toIntervalYear(1) - 1
GROUP BY place, year
