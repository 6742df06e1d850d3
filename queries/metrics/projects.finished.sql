/*
title: 项目完工
unit: 个
definition: 有完工时间的为已完工, 其余为未完工; 进度已到百分之百而无完工时间的另列, 计在未完工中; 完工率 = 已完工 ÷ 全部
policy: 财农〔2021〕19号《中央财政衔接推进乡村振兴补助资金管理办法》
source: 精准施策子系统
tables: [projects]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "项目不涉个人"}
daily: true
parts: [projects]
columns:
  - {name: finished, title: 已完工, type: count, unit: 个}
  - {name: unfinished, title: 未完工, type: count, unit: 个}
  - {name: awaiting, title: 进度满未完工, type: count, unit: 个}
  - {name: rate, title: 完工率, type: number, unit: '%', ratio: {of: finished, to: projects, times: 100, digits: 2}}
*/
SELECT intDiv(village, 1000) AS place,
       countIf(finished_at IS NOT NULL) AS finished,
       countIf(finished_at IS NULL) AS unfinished,
       countIf(finished_at IS NULL AND progress = 100) AS awaiting,
       count() AS projects
FROM projects FINAL
GROUP BY place
