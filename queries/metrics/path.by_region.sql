/*
title: 治理对象识别分布
unit: 户
definition: 全量农户及其中的一般农户、初选对象、相对贫困对象、监测对象, 按下一级区划划分
policy: 工作口径, 未见公开文件
source: 治理对象确定子系统
tables: [rural_households, regions]
regions: [province, county]
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
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(pair.1) AS scope,
       toString(pair.2) AS region,
       sum(t.households) AS households,
       sumIf(t.households, t.standing = 'general') AS general,
       sumIf(t.households, t.standing = 'screened') AS screened,
       sumIf(t.households, t.standing = 'relative') AS relative,
       sumIf(t.households, t.standing = 'monitored') AS monitored
FROM
(
    SELECT intDiv(village, 1000) AS township,
           standing,
           count() AS households
    FROM rural_households FINAL
    GROUP BY township, standing
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
ARRAY JOIN [(province, r.parent), (r.parent, r.code)] AS pair
WHERE r.code != 0
GROUP BY scope, region
