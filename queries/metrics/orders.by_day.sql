/*
title: 工单趋势
unit: 件
definition: 近三十日 (含今日) 每日受理和答复的工单; 当日答复的不论何时受理
policy: 国办发〔2020〕53号《关于进一步优化地方政务服务便民热线的指导意见》
source: 农户信息服务子系统
tables: [work_orders]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "工单按来电来访计数, 不涉农户状况"}
columns:
  - {name: day, title: 日期, type: date, last: {days: 30}}
  - {name: opened, title: 受理, type: count, unit: 件}
  - {name: answered, title: 答复, type: count, unit: 件}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(village, 1000) AS place,
       toString(event.1) AS day,
       countIf(event.2 = 'opened') AS opened,
       countIf(event.2 = 'answered') AS answered
FROM work_orders FINAL
ARRAY JOIN arrayFilter(e -> e.1 BETWEEN today - 29 AND today,
                       [(toDate(opened_at, 'Asia/Shanghai'), 'opened'),
                        (ifNull(toDate(answered_at, 'Asia/Shanghai'), toDate(0)), 'answered')]) AS event
GROUP BY place, day
