/*
title: 线索来源
unit: 户
definition: 收到的全部线索按发现渠道划分; 照发布口径以户计, 一条线索计一户, 一户有多条线索的重复计, 与监测对象数不可相比
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [leads]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "线索按渠道计数, 不涉农户状况"}
daily: true
columns:
  - {name: channel, title: 发现渠道, type: code, codes: channel}
  - {name: households, title: 户数, type: count, unit: 户}
*/
SELECT intDiv(village, 1000) AS place,
       channel,
       count() AS households
FROM leads FINAL
GROUP BY place, channel
