/*
title: 措施成效
unit: 项
definition: 已落实的帮扶措施按成效评估划分
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准施策子系统
tables: [measures]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [measures], of: measures, within: delivered, partition: effect}
columns:
  - {name: effect, title: 成效评估, type: code, codes: effect}
  - {name: measures, title: 措施数, type: count, unit: 项}
*/
SELECT intDiv(village, 1000) AS place,
       effect,
       count() AS measures
FROM measures FINAL
WHERE delivered_at IS NOT NULL
GROUP BY place, effect
