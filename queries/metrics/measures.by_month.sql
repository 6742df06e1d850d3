/*
title: 月落实措施
unit: 项
definition: 近十二个月(含本月)每月落实的帮扶措施, 按落实时间所在的月计
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准施策子系统
tables: [measures, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {counts: [measures], of: measures_delivered_in_twelve_months, partition: month}
columns:
  - {name: month, title: 月份, type: date}
  - {name: measures, title: 落实措施, type: count, unit: 项}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT s.scope AS scope,
       toString(s.month) AS month,
       m.measures AS measures
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
           sum(t.measures) AS measures
    FROM
    (
        SELECT intDiv(village, 1000) AS township,
               toStartOfMonth(toDate(assumeNotNull(delivered_at), 'Asia/Shanghai')) AS month,
               count() AS measures
        FROM measures FINAL
        WHERE delivered_at IS NOT NULL
          AND toDate(assumeNotNull(delivered_at), 'Asia/Shanghai') >= addMonths(toStartOfMonth(toDate({now:DateTime('Asia/Shanghai')})), -11)
        GROUP BY township, month
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY scope, month
) AS m ON m.scope = s.scope AND m.month = s.month
ORDER BY scope, month
