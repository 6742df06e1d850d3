/*
title: 治理对象识别分布
unit: 户
definition: 全量农户及其中的一般农户、初选对象、相对贫困对象、监测对象, 按下一级区划划分
policy: 工作口径, 未见公开文件
source: 治理对象确定子系统
tables: [rural_households]
regions: [province, county]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households, general, screened, relative, monitored], of: rural_households}
columns:
  - {name: region, title: 区划, type: region}
  - {name: households, title: 全量农户, type: count, unit: 户}
  - {name: general, title: 一般农户, type: count, unit: 户}
  - {name: screened, title: 初选对象, type: count, unit: 户}
  - {name: relative, title: 相对贫困对象, type: count, unit: 户}
  - {name: monitored, title: 监测对象, type: count, unit: 户}
*/
SELECT intDiv(village, 1000) AS place,
       count() AS households,
       countIf(standing = 'general') AS general,
       countIf(standing = 'screened') AS screened,
       countIf(standing = 'relative') AS relative,
       countIf(standing = 'monitored') AS monitored
FROM rural_households FINAL
GROUP BY place
