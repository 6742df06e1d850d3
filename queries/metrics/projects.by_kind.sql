/*
title: 帮扶项目
unit: 个
definition: 帮扶项目按类别划分, 预算以元计, 平均进度为各项目完成百分比的平均
policy: 财农〔2021〕19号《中央财政衔接推进乡村振兴补助资金管理办法》
source: 精准施策子系统
tables: [projects, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "项目不涉个人"}
columns:
  - {name: kind, title: 项目类别, type: code, codes: project_kind}
  - {name: projects, title: 项目数, type: count, unit: 个}
  - {name: budget, title: 预算, type: money, unit: 元}
  - {name: progress, title: 平均进度, type: number, unit: '%'}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT s.scope AS scope,
       s.kind AS kind,
       p.projects AS projects,
       p.budget AS budget,
       round(p.progress / nullIf(p.projects, 0), 2) AS progress
FROM
(
    -- Every kind in every region, so that the progress of no project is none, not 0.
    SELECT toString(code) AS scope, kind
    FROM regions FINAL
    ARRAY JOIN ['industry', 'infrastructure', 'public_service', 'employment', 'housing', 'other'] AS kind
    WHERE level != 'village' AND applicable
) AS s
LEFT JOIN
(
    SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
           t.kind AS kind,
           sum(t.projects) AS projects,
           sum(t.budget) AS budget,
           sum(t.progress) AS progress
    FROM
    (
        SELECT intDiv(village, 1000) AS township,
               toString(kind) AS kind,
               count() AS projects,
               sum(budget) AS budget,
               sum(progress) AS progress
        FROM projects FINAL
        GROUP BY township, kind
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY scope, kind
) AS p ON p.scope = s.scope AND p.kind = s.kind
