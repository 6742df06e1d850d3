/*
title: 抽签
unit: 轮
definition: 近十二个月 (含本月至今) 各月在村里举行的抽签轮数、参加数、抽中数与异议数
policy: 未见公开文件, 按新型帮扶体系子系统的抽签记录计数
source: 新型帮扶体系子系统
tables: [lotteries, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {shown: "抽签按组或组织计数, 不涉农户状况"}
columns:
  - {name: month, title: 月份, type: date}
  - {name: rounds, title: 轮数, type: count, unit: 轮}
  - {name: candidates, title: 参加数, type: count, unit: 个}
  - {name: drawn, title: 抽中数, type: count, unit: 个}
  - {name: objections, title: 异议数, type: count, unit: 个}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.month) AS month,
       sum(t.rounds) AS rounds,
       sum(t.candidates) AS candidates,
       sum(t.drawn) AS drawn,
       sum(t.objections) AS objections
FROM
(
    SELECT intDiv(village, 1000) AS township,
           toStartOfMonth(toDate(at, 'Asia/Shanghai')) AS month,
           count() AS rounds,
           sum(candidates) AS candidates,
           sum(drawn) AS drawn,
           sum(objections) AS objections
    FROM lotteries FINAL
    WHERE toDate(at, 'Asia/Shanghai') BETWEEN toStartOfMonth(today) - toIntervalMonth(11) AND today
    GROUP BY township, month
    UNION ALL
    -- Zeros, so that every region has every month.
    SELECT code AS township, month, 0, 0, 0, 0
    FROM regions FINAL
    ARRAY JOIN arrayMap(i -> toStartOfMonth(today) - toIntervalMonth(11 - i), range(12)) AS month
    WHERE level = 'township' AND applicable
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, month
ORDER BY scope, month
