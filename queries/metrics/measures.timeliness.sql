/*
title: 帮扶及时率
unit: 项
definition: 自计划之日起, 在参数 measure.due_days 所定天数内落实的为及时, 其后落实的为逾期落实; 未落实的, 已过期限为逾期未落实, 未过为期限内; 及时率 = 及时 ÷ (及时 + 逾期落实 + 逾期未落实); 期限未设时无法判断, 为缺报
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 期限为参数, 见其依据
source: 精准施策子系统
tables: [measures, parameters]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {counts: [all = measures, delivered = in_time + late], of: measures, partition: delivery, overlapping: true}
parts: [due]
columns:
  - {name: measures, title: 措施数, type: count, unit: 项}
  - {name: in_time, title: 及时落实, type: count, unit: 项}
  - {name: late, title: 逾期落实, type: count, unit: 项}
  - {name: overdue, title: 逾期未落实, type: count, unit: 项}
  - {name: pending, title: 期限内, type: count, unit: 项}
  - {name: rate, title: 帮扶及时率, type: number, unit: '%', ratio: {of: in_time, to: due, times: 100, digits: 2}}
*/
WITH (SELECT value FROM parameters FINAL WHERE name = 'measure.due_days') AS due_days
SELECT intDiv(village, 1000) AS place,
       count() AS measures,
       if(due_days IS NULL, NULL, countIf(within AND delivered_at IS NOT NULL)) AS in_time,
       if(due_days IS NULL, NULL, countIf(NOT within AND delivered_at IS NOT NULL)) AS late,
       if(due_days IS NULL, NULL, countIf(NOT within AND delivered_at IS NULL)) AS overdue,
       if(due_days IS NULL, NULL, countIf(within AND delivered_at IS NULL)) AS pending,
       in_time + late + overdue AS due
FROM
(
    -- Days from the plan to the delivery, or to today where there is none yet.
    SELECT village,
           delivered_at,
           dateDiff('day', toDate(planned_at, 'Asia/Shanghai'),
                    coalesce(toDate(delivered_at, 'Asia/Shanghai'), toDate({now:DateTime('Asia/Shanghai')}))) <= due_days AS within
    FROM measures FINAL
)
GROUP BY place
