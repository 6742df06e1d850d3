/*
title: 项目进度
unit: 个
definition: 帮扶项目按完成百分比分档
policy: 财农〔2021〕19号《中央财政衔接推进乡村振兴补助资金管理办法》
source: 精准施策子系统
tables: [projects]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "项目不涉个人"}
columns:
  - {name: band, title: 进度, type: code, codes: progress_band}
  - {name: projects, title: 项目数, type: count, unit: 个}
  - {name: budget, title: 预算, type: money, unit: 元}
*/
SELECT intDiv(village, 1000) AS place,
       multiIf(progress = 0, 'not_begun', progress < 50, 'under_half', progress < 100, 'over_half', 'complete') AS band,
       count() AS projects,
       sum(budget) AS budget
FROM projects FINAL
GROUP BY place, band
