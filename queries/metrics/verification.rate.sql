/*
title: 线索核实率
unit: '%'
definition: 近90日 (含今日) 上报的线索中, 已过入户核实环节的百分比; 核实后关闭的算已核实, 退回重新核实的和还没有环节记录的算未核实
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [leads, workflow]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "线索是上报与预警的条数, 不涉农户状况"}
columns:
  - {name: leads, title: 上报线索, type: count, unit: 条}
  - {name: verified, title: 已核实, type: count, unit: 条}
  - {name: rate, title: 核实率, type: number, unit: '%', ratio: {of: verified, to: leads, times: 100}}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(village, 1000) AS place,
       count() AS leads,
       countIf(lead IN (SELECT lead FROM workflow FINAL WHERE stage != 'household_check')) AS verified
FROM leads FINAL
WHERE toDate(reported_at, 'Asia/Shanghai') BETWEEN today - 89 AND today
GROUP BY place
