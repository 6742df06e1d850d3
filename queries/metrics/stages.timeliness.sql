/*
title: 环节办理及时率
unit: '%'
definition: 近30日 (含今日) 离开环节的线索中, 在该环节停留天数不超过时限 (参数 stage_limit.环节) 的百分比, 以及平均停留天数; 进入当日不计, 按北京时间的日子数; 退回后再次办理的另算一次
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 环节时限为工作值
source: 常态化监测子系统
tables: [stage_passages, parameters]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "线索是上报与预警的条数, 不涉农户状况"}
parts: [days_in_all]
columns:
  - {name: stage, title: 环节, type: code, codes: stage}
  - {name: passages, title: 办理次数, type: count, unit: 次}
  - {name: in_time, title: 按期次数, type: count, unit: 次}
  - {name: rate, title: 及时率, type: number, unit: '%', ratio: {of: in_time, to: passages, times: 100}}
  - {name: days, title: 平均停留, type: number, unit: 天, ratio: {of: days_in_all, to: passages}}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(p.village, 1000) AS place,
       p.stage AS stage,
       count() AS passages,
       sum(p.days <= l.days) AS in_time, -- NULL where the stage has no limit
       sum(p.days) AS days_in_all
FROM
(
    SELECT village, toString(stage) AS stage,
           toDate(left_at, 'Asia/Shanghai') - toDate(entered_at, 'Asia/Shanghai') AS days
    FROM stage_passages FINAL
    WHERE toDate(left_at, 'Asia/Shanghai') BETWEEN today - 29 AND today
) AS p
LEFT JOIN
(
    SELECT substring(name, length('stage_limit.') + 1) AS stage, toNullable(value) AS days
    FROM parameters FINAL
    WHERE startsWith(name, 'stage_limit.')
) AS l ON l.stage = p.stage
GROUP BY place, stage
