/*
title: 消除回退
unit: 户
definition: 本年度被消除的户、被回退的户, 及被回退后又再次消除的户, 一户各只计一次; 回退消除比 = 本年回退户 ÷ 本年消除户, 往年消除而本年回退的也在其中, 故可超过100%; 按户本年度最近一次事件的村归属
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [eliminations, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {counts: [eliminated, rolled_back, again, rolled_back - again], of: eliminated_this_year}
daily: true
columns:
  - {name: eliminated, title: 本年消除, type: count, unit: 户}
  - {name: rolled_back, title: 本年回退, type: count, unit: 户}
  - {name: again, title: 回退后再消除, type: count, unit: 户}
  - {name: rate, title: 回退消除比, type: number, unit: '%'}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT s.scope AS scope,
       e.eliminated AS eliminated,
       e.rolled_back AS rolled_back,
       e.again AS again,
       round(100 * e.rolled_back / nullIf(e.eliminated, 0), 2) AS rate
FROM (SELECT toString(code) AS scope FROM regions FINAL WHERE level != 'village' AND applicable) AS s
LEFT JOIN
(
    SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
           sum(t.eliminated) AS eliminated,
           sum(t.rolled_back) AS rolled_back,
           sum(t.again) AS again
    FROM
    (
        SELECT township,
               countIf(eliminations > 0) AS eliminated,
               countIf(rollbacks > 0) AS rolled_back,
               countIf(rollbacks > 0 AND last.1 = 'eliminated') AS again
        FROM
        (
            SELECT household,
                   argMax((event, village), (at, event)) AS last,
                   intDiv(last.2, 1000) AS township,
                   countIf(event = 'eliminated') AS eliminations,
                   countIf(event = 'rolled_back') AS rollbacks
            FROM eliminations FINAL
            WHERE toYear(at, 'Asia/Shanghai') = toYear({now:DateTime('Asia/Shanghai')})
            GROUP BY household
        )
        GROUP BY township
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY scope
) AS e ON e.scope = s.scope
