/*
title: 待办线索环节
unit: 户
definition: 尚未办结的线索按所在环节划分; 照发布口径以户计, 一条线索计一户; 已识别和已关闭的不计
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [workflow]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "线索按环节计数, 不涉农户状况"}
daily: true
columns:
  - {name: stage, title: 环节, type: code, codes: stage}
  - {name: households, title: 户数, type: count, unit: 户}
*/
SELECT intDiv(village, 1000) AS place,
       stage,
       count() AS households
FROM workflow FINAL
WHERE stage NOT IN ('recognised', 'closed')
GROUP BY place, stage
