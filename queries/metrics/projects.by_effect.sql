/*
title: 项目成效
unit: 个
definition: 帮扶项目按成效评估划分
policy: 财农〔2021〕19号《中央财政衔接推进乡村振兴补助资金管理办法》
source: 精准施策子系统
tables: [projects]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "项目不涉个人"}
columns:
  - {name: effect, title: 成效评估, type: code, codes: effect}
  - {name: projects, title: 项目数, type: count, unit: 个}
*/
SELECT intDiv(village, 1000) AS place,
       effect,
       count() AS projects
FROM projects FINAL
GROUP BY place, effect
