/*
title: 待办线索环节
unit: 户
definition: 尚未办结的线索按所在环节划分; 照发布口径以户计, 一条线索计一户; 已识别和已关闭的不计
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [workflow, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "线索按环节计数, 不涉农户状况"}
daily: true
columns:
  - {name: stage, title: 环节, type: code, codes: stage}
  - {name: households, title: 户数, type: count, unit: 户}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.stage) AS stage,
       sum(t.households) AS households
FROM
(
    SELECT intDiv(village, 1000) AS township,
           stage,
           count() AS households
    FROM workflow FINAL
    WHERE stage NOT IN ('recognised', 'closed')
    GROUP BY township, stage
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, stage
