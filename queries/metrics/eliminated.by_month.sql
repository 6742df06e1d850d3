/*
title: 消除与回退
unit: 户次
definition: 近十二个月(含本月)每月的风险消除与消除回退, 逐次计数, 一户可有多次; 按决定时所在的村归属
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [eliminations, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {counts: [eliminated, rolled_back], of: eliminations_in_twelve_months, partition: month}
columns:
  - {name: month, title: 月份, type: date}
  - {name: eliminated, title: 风险消除, type: count, unit: 户次}
  - {name: rolled_back, title: 消除回退, type: count, unit: 户次}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT s.scope AS scope,
       toString(s.month) AS month,
       e.eliminated AS eliminated,
       e.rolled_back AS rolled_back
FROM
(
    SELECT toString(code) AS scope,
           addMonths(toStartOfMonth(toDate({now:DateTime('Asia/Shanghai')})), arrayJoin(range(12)) - 11) AS month
    FROM regions FINAL
    WHERE level != 'village' AND applicable
) AS s
LEFT JOIN
(
    SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
           t.month AS month,
           sum(t.eliminated) AS eliminated,
           sum(t.rolled_back) AS rolled_back
    FROM
    (
        SELECT intDiv(village, 1000) AS township,
               toStartOfMonth(toDate(at, 'Asia/Shanghai')) AS month,
               countIf(event = 'eliminated') AS eliminated,
               countIf(event = 'rolled_back') AS rolled_back
        FROM eliminations FINAL
        WHERE toDate(at, 'Asia/Shanghai') >= addMonths(toStartOfMonth(toDate({now:DateTime('Asia/Shanghai')})), -11)
        GROUP BY township, month
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY scope, month
) AS e ON e.scope = s.scope AND e.month = s.month
ORDER BY scope, month
