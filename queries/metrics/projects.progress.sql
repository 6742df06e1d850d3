/*
title: 项目进度
unit: 个
definition: 帮扶项目按完成百分比分档
policy: 财农〔2021〕19号《中央财政衔接推进乡村振兴补助资金管理办法》
source: 精准施策子系统
tables: [projects, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "项目不涉个人"}
columns:
  - {name: band, title: 进度, type: code, codes: progress_band}
  - {name: projects, title: 项目数, type: count, unit: 个}
  - {name: budget, title: 预算, type: money, unit: 元}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       t.band AS band,
       sum(t.projects) AS projects,
       sum(t.budget) AS budget
FROM
(
    SELECT intDiv(village, 1000) AS township,
           multiIf(progress = 0, 'not_begun', progress < 50, 'under_half', progress < 100, 'over_half', 'complete') AS band,
           count() AS projects,
           sum(budget) AS budget
    FROM projects FINAL
    GROUP BY township, band
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, band
