/*
title: 新识别监测对象
unit: 户
definition: 监测对象按市县确定的月份计, 近12个月含本月; 移出名单的不计
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [households, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {counts: [households], of: monitored, partition: month, partial: true}
columns:
  - {name: month, title: 月份, type: date}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toStartOfMonth(toDate({now:DateTime('Asia/Shanghai')})) AS this_month
SELECT toString(g.code) AS scope,
       toString(g.month) AS month,
       t.households AS households,
       t.persons AS persons
FROM
(
    SELECT code,
           arrayJoin(arrayMap(i -> addMonths(this_month, i - 11), range(12))) AS month
    FROM regions FINAL
    WHERE level != 'village' AND applicable
) AS g
LEFT JOIN
(
    SELECT arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province])) AS code,
           t.month AS month,
           sum(t.households) AS households,
           sum(t.persons) AS persons
    FROM
    (
        SELECT intDiv(village, 1000) AS township,
               toStartOfMonth(toDate(recognised_at, 'Asia/Shanghai')) AS month,
               count() AS households,
               sum(persons) AS persons
        FROM households FINAL
        WHERE state != 'removed' AND month >= addMonths(this_month, -11)
        GROUP BY township, month
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY code, month
) AS t ON t.code = g.code AND t.month = g.month
ORDER BY g.code, g.month
