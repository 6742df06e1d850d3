/*
title: 工单趋势
unit: 件
definition: 近三十日 (含今日) 每日受理和答复的工单; 当日答复的不论何时受理
policy: 国办发〔2020〕53号《关于进一步优化地方政务服务便民热线的指导意见》
source: 农户信息服务子系统
tables: [work_orders, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {shown: "工单按来电来访计数, 不涉农户状况"}
columns:
  - {name: day, title: 日期, type: date}
  - {name: opened, title: 受理, type: count, unit: 件}
  - {name: answered, title: 答复, type: count, unit: 件}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.day) AS day,
       sum(t.opened) AS opened,
       sum(t.answered) AS answered
FROM
(
    SELECT intDiv(village, 1000) AS township,
           event.1 AS day,
           countIf(event.2 = 'opened') AS opened,
           countIf(event.2 = 'answered') AS answered
    FROM work_orders FINAL
    ARRAY JOIN arrayFilter(e -> e.1 BETWEEN today - 29 AND today,
                           [(toDate(opened_at, 'Asia/Shanghai'), 'opened'),
                            (ifNull(toDate(answered_at, 'Asia/Shanghai'), toDate(0)), 'answered')]) AS event
    GROUP BY township, day
    UNION ALL
    -- Zeros, so that every region has every day.
    SELECT code AS township, day, 0, 0
    FROM regions FINAL
    ARRAY JOIN arrayMap(i -> today - (29 - i), range(30)) AS day
    WHERE level = 'township' AND applicable
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, day
ORDER BY scope, day
