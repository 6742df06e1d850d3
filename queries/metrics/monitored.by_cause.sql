/*
title: 致贫返贫风险
unit: 户
definition: 监测对象按致贫返贫风险划分; 一户至多五项, 各项之和大于户数
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [monitored_households]
regions: [province, county, township]
rows: places
absent: zero
note: 可多选, 各项之和大于户数
refresh: change
disclosure: {counts: [households], of: monitored, partition: cause, overlapping: true}
columns:
  - {name: cause, title: 风险, type: code, codes: cause}
  - {name: households, title: 户数, type: count, unit: 户}
*/
SELECT place,
       cause,
       count() AS households
FROM monitored_households
ARRAY JOIN causes AS cause
GROUP BY place, cause
