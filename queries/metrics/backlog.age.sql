/*
title: 待办线索滞留天数
unit: 条
definition: 待办线索按进入本环节至今的天数分四档; 档次只为看清分布, 与办理时限无关, 超期另计
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [workflow]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "线索是上报与预警的条数, 不涉农户状况"}
columns:
  - {name: stage, title: 环节, type: code, codes: stage}
  - {name: one_week, title: 7日以内, type: count, unit: 条}
  - {name: two_weeks, title: 8至14日, type: count, unit: 条}
  - {name: four_weeks, title: 15至28日, type: count, unit: 条}
  - {name: longer, title: 超过28日, type: count, unit: 条}
*/
SELECT place,
       stage,
       countIf(days <= 7) AS one_week,
       countIf(days BETWEEN 8 AND 14) AS two_weeks,
       countIf(days BETWEEN 15 AND 28) AS four_weeks,
       countIf(days > 28) AS longer
FROM
(
    SELECT intDiv(village, 1000) AS place,
           stage,
           toDate({now:DateTime('Asia/Shanghai')}) - toDate(entered_at, 'Asia/Shanghai') AS days
    FROM workflow FINAL
    WHERE stage NOT IN ('recognised', 'closed')
)
GROUP BY place, stage
