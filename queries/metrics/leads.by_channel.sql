/*
title: 线索来源
unit: 户
definition: 收到的全部线索按发现渠道划分; 照发布口径以户计, 一条线索计一户, 一户有多条线索的重复计, 与监测对象数不可相比
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [leads, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "线索按渠道计数, 不涉农户状况"}
daily: true
columns:
  - {name: channel, title: 发现渠道, type: code, codes: channel}
  - {name: households, title: 户数, type: count, unit: 户}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.channel) AS channel,
       sum(t.households) AS households
FROM
(
    SELECT intDiv(village, 1000) AS township,
           channel,
           count() AS households
    FROM leads FINAL
    GROUP BY township, channel
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, channel
