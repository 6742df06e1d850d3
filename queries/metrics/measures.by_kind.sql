/*
title: 帮扶措施
unit: 项
definition: 帮扶措施按十六类划分, 计划为全部已安排的措施, 落实为其中已有落实时间的; 按措施登记的村归属
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准施策子系统
tables: [measures]
regions: [province, county, township]
rows: places
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
  - {name: rate, title: 落实率, type: number, unit: '%', ratio: {of: delivered, to: planned, times: 100, digits: 2}}
*/
SELECT intDiv(village, 1000) AS place,
       kind,
       count() AS planned,
       countIf(delivered_at IS NOT NULL) AS delivered
FROM measures FINAL
GROUP BY place, kind
