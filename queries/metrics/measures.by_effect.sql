/*
title: 措施成效
unit: 项
definition: 已落实的帮扶措施按成效评估划分
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准施策子系统
tables: [measures, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {counts: [measures], of: measures, within: delivered, partition: effect}
columns:
  - {name: effect, title: 成效评估, type: code, codes: effect}
  - {name: measures, title: 措施数, type: count, unit: 项}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.effect) AS effect,
       sum(t.measures) AS measures
FROM
(
    SELECT intDiv(village, 1000) AS township,
           effect,
           count() AS measures
    FROM measures FINAL
    WHERE delivered_at IS NOT NULL
    GROUP BY township, effect
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, effect
