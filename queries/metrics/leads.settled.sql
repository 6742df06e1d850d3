/*
title: 已办结线索
unit: 条
definition: 全部线索中已走完环节的, 分为已识别 (纳入监测对象) 与已关闭 (未纳入); 与待办线索合计应等于全部线索
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [workflow]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "线索是上报与预警的条数, 不涉农户状况"}
daily: true
columns:
  - {name: recognised, title: 已识别, type: count, unit: 条}
  - {name: closed, title: 已关闭, type: count, unit: 条}
*/
SELECT intDiv(village, 1000) AS place,
       countIf(stage = 'recognised') AS recognised,
       countIf(stage = 'closed') AS closed
FROM workflow FINAL
WHERE stage IN ('recognised', 'closed')
GROUP BY place
