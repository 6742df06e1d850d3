/*
title: 帮扶措施
unit: 项
definition: 帮扶措施按十六类划分, 计划为全部已安排的措施, 落实为其中已有落实时间的; 按措施登记的村归属
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准施策子系统
tables: [measures, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {counts: [planned], of: measures, partition: kind, coarser: {group: {
    development: [industry, employment, finance, public_post, consumption],
    health: [health],
    education: [compulsory_education, other_education],
    security: [comprehensive_security, housing, drinking_water],
    other: [social_assistance, relocation, living_conditions, infrastructure, insurance]}}}
columns:
  - {name: kind, title: 措施类别, type: code, codes: measure_kind}
  - {name: planned, title: 计划, type: count, unit: 项}
  - {name: delivered, title: 落实, type: count, unit: 项}
  - {name: rate, title: 落实率, type: number, unit: '%'}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT s.scope AS scope,
       s.kind AS kind,
       m.planned AS planned,
       m.delivered AS delivered,
       round(100 * m.delivered / nullIf(m.planned, 0), 2) AS rate
FROM
(
    -- Every kind in every region, so that the rate of a kind that nobody planned is none, not 0.
    SELECT toString(code) AS scope, kind
    FROM regions FINAL
    ARRAY JOIN ['industry', 'employment', 'finance', 'public_post', 'consumption', 'health', 'compulsory_education',
                'other_education', 'comprehensive_security', 'housing', 'drinking_water', 'social_assistance',
                'relocation', 'living_conditions', 'infrastructure', 'insurance'] AS kind
    WHERE level != 'village' AND applicable
) AS s
LEFT JOIN
(
    SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
           t.kind AS kind,
           sum(t.planned) AS planned,
           sum(t.delivered) AS delivered
    FROM
    (
        SELECT intDiv(village, 1000) AS township,
               toString(kind) AS kind,
               count() AS planned,
               countIf(delivered_at IS NOT NULL) AS delivered
        FROM measures FINAL
        GROUP BY township, kind
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY scope, kind
) AS m ON m.scope = s.scope AND m.kind = s.kind
