/*
title: 环节办理结果
unit: 次
definition: 近30日 (含今日) 离开环节的线索按结果划分, 通过到下一环节、关闭、退回上一环节; 退回后再次办理的另算一次
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [stage_passages]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "线索是上报与预警的条数, 不涉农户状况"}
columns:
  - {name: stage, title: 环节, type: code, codes: stage}
  - {name: passed, title: 通过, type: count, unit: 次}
  - {name: closed, title: 关闭, type: count, unit: 次}
  - {name: returned, title: 退回, type: count, unit: 次}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(village, 1000) AS place,
       stage,
       countIf(outcome = 'passed') AS passed,
       countIf(outcome = 'closed') AS closed,
       countIf(outcome = 'returned') AS returned
FROM stage_passages FINAL
WHERE toDate(left_at, 'Asia/Shanghai') BETWEEN today - 29 AND today
GROUP BY place, stage
