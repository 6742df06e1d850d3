/*
title: 帮扶措施归类
unit: 项
definition: 措施按开发式(产业、就业、金融、公益岗位、消费)、健康、教育(义务教育、其他教育)、保障(综合保障、住房、饮水)、其他(社会帮扶、易地搬迁、生产生活条件、基础设施、防贫综合保险)五类归并
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准施策子系统
tables: [measures]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [planned], of: measures, partition: group}
columns:
  - {name: group, title: 归类, type: code, codes: measure_group}
  - {name: planned, title: 计划, type: count, unit: 项}
  - {name: delivered, title: 落实, type: count, unit: 项}
  - {name: rate, title: 落实率, type: number, unit: '%', ratio: {of: delivered, to: planned, times: 100, digits: 2}}
*/
SELECT intDiv(village, 1000) AS place,
       multiIf(kind IN ('industry', 'employment', 'finance', 'public_post', 'consumption'), 'development',
               kind = 'health', 'health',
               kind IN ('compulsory_education', 'other_education'), 'education',
               kind IN ('comprehensive_security', 'housing', 'drinking_water'), 'security',
               'other') AS group,
       count() AS planned,
       countIf(delivered_at IS NOT NULL) AS delivered
FROM measures FINAL
GROUP BY place, group
