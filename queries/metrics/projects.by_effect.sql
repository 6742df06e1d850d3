/*
title: 项目成效
unit: 个
definition: 帮扶项目按成效评估划分
policy: 财农〔2021〕19号《中央财政衔接推进乡村振兴补助资金管理办法》
source: 精准施策子系统
tables: [projects, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "项目不涉个人"}
columns:
  - {name: effect, title: 成效评估, type: code, codes: effect}
  - {name: projects, title: 项目数, type: count, unit: 个}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.effect) AS effect,
       sum(t.projects) AS projects
FROM
(
    SELECT intDiv(village, 1000) AS township,
           effect,
           count() AS projects
    FROM projects FINAL
    GROUP BY township, effect
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, effect
