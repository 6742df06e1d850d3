/*
title: 超期线索
unit: 条
definition: 待办线索中, 进入本环节至今的天数超过该环节时限 (参数 stage_limit.环节) 的为超期; 进入当日不计, 按北京时间的日子数; 时限未设的环节无法判断, 为缺报
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 环节时限为工作值
source: 常态化监测子系统
tables: [workflow, parameters]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "线索是上报与预警的条数, 不涉农户状况"}
daily: true
columns:
  - {name: stage, title: 环节, type: code, codes: stage}
  - {name: leads, title: 待办, type: count, unit: 条}
  - {name: overdue, title: 超期, type: count, unit: 条}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(o.village, 1000) AS place,
       o.stage AS stage,
       count() AS leads,
       sum(o.days > l.days) AS overdue -- NULL where the stage has no limit
FROM
(
    SELECT village, toString(stage) AS stage, today - toDate(entered_at, 'Asia/Shanghai') AS days
    FROM workflow FINAL
    WHERE workflow.stage NOT IN ('recognised', 'closed')
) AS o
LEFT JOIN
(
    SELECT substring(name, length('stage_limit.') + 1) AS stage, toNullable(value) AS days
    FROM parameters FINAL
    WHERE startsWith(name, 'stage_limit.')
) AS l ON l.stage = o.stage
GROUP BY place, stage
