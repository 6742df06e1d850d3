/*
title: 帮扶项目
unit: 个
definition: 帮扶项目按类别划分, 预算以元计, 平均进度为各项目完成百分比的平均
policy: 财农〔2021〕19号《中央财政衔接推进乡村振兴补助资金管理办法》
source: 精准施策子系统
tables: [projects]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "项目不涉个人"}
parts: [percent]
columns:
  - {name: kind, title: 项目类别, type: code, codes: project_kind}
  - {name: projects, title: 项目数, type: count, unit: 个}
  - {name: budget, title: 预算, type: money, unit: 元}
  - {name: progress, title: 平均进度, type: number, unit: '%', ratio: {of: percent, to: projects, digits: 2}}
*/
SELECT intDiv(village, 1000) AS place,
       kind,
       count() AS projects,
       sum(budget) AS budget,
       sum(progress) AS percent
FROM projects FINAL
GROUP BY place, kind
