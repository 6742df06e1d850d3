/*
title: 帮扶措施金额
unit: 元
definition: 措施按开发式(产业、就业、金融、公益岗位、消费)、健康、教育(义务教育、其他教育)、保障(综合保障、住房、饮水)、其他(社会帮扶、易地搬迁、生产生活条件、基础设施、防贫综合保险)五类归并; 落实金额只计已落实的措施
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准施策子系统
tables: [measures]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [measures], of: measures, partition: group}
columns:
  - {name: group, title: 归类, type: code, codes: measure_group}
  - {name: measures, title: 措施数, type: count, unit: 项}
  - {name: planned_amount, title: 计划金额, type: money, unit: 元}
  - {name: delivered_amount, title: 落实金额, type: money, unit: 元}
*/
SELECT intDiv(m.village, 1000) AS place,
       multiIf(kind IN ('industry', 'employment', 'finance', 'public_post', 'consumption'), 'development',
               kind = 'health', 'health',
               kind IN ('compulsory_education', 'other_education'), 'education',
               kind IN ('comprehensive_security', 'housing', 'drinking_water'), 'security',
               'other') AS group,
       count() AS measures,
       sum(m.planned_amount) AS planned_amount,
       sumIf(m.delivered_amount, m.delivered_at IS NOT NULL) AS delivered_amount
FROM measures AS m FINAL
GROUP BY place, group
