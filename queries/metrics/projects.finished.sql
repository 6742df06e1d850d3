/*
title: 项目完工
unit: 个
definition: 有完工时间的为已完工, 其余为未完工; 进度已到百分之百而无完工时间的另列, 计在未完工中; 完工率 = 已完工 ÷ 全部
policy: 财农〔2021〕19号《中央财政衔接推进乡村振兴补助资金管理办法》
source: 精准施策子系统
tables: [projects, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "项目不涉个人"}
daily: true
columns:
  - {name: finished, title: 已完工, type: count, unit: 个}
  - {name: unfinished, title: 未完工, type: count, unit: 个}
  - {name: awaiting, title: 进度满未完工, type: count, unit: 个}
  - {name: rate, title: 完工率, type: number, unit: '%'}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT s.scope AS scope,
       p.finished AS finished,
       p.projects - p.finished AS unfinished,
       p.awaiting AS awaiting,
       round(100 * p.finished / nullIf(p.projects, 0), 2) AS rate
FROM (SELECT toString(code) AS scope FROM regions FINAL WHERE level != 'village' AND applicable) AS s
LEFT JOIN
(
    SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
           sum(t.projects) AS projects,
           sum(t.finished) AS finished,
           sum(t.awaiting) AS awaiting
    FROM
    (
        SELECT intDiv(village, 1000) AS township,
               count() AS projects,
               countIf(finished_at IS NOT NULL) AS finished,
               countIf(finished_at IS NULL AND progress = 100) AS awaiting
        FROM projects FINAL
        GROUP BY township
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY scope
) AS p ON p.scope = s.scope
