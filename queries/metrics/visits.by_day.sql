/*
title: 近30日走访
unit: 次
definition: 近30日 (含今日) 每日从手机应用上报的次数, 走访、调查、核实、回访和农户申报都计; 日界为北京时间零时, 没有走访的日子为0
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准扶贫APP
tables: [visits_daily, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {shown: "走访是工作次数, 不涉农户状况"}
columns:
  - {name: day, title: 日期, type: date}
  - {name: visits, title: 次数, type: count, unit: 次}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT toString(s.scope) AS scope,
       toString(s.date) AS day,
       sum(s.visits) AS visits
FROM
(
    SELECT arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province])) AS scope,
           t.date AS date, t.visits AS visits
    FROM
    (
        SELECT township, day AS date, sum(visits) AS visits
        FROM visits_daily
        WHERE day BETWEEN today - 29 AND today
        GROUP BY township, day
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    UNION ALL
    -- Every day of every region, so that a day without visits reads 0.
    SELECT code, today - arrayJoin(range(30)), 0
    FROM regions FINAL
    WHERE level != 'village' AND applicable
) AS s
GROUP BY s.scope, s.date
ORDER BY s.scope, s.date
