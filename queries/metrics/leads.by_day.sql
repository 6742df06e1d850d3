/*
title: 近30日线索
unit: 条
definition: 近30日 (含今日) 每日收到的线索, 按上报时间和发现渠道计; 日界为北京时间零时, 没有线索的日子为0
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [leads, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {shown: "线索是上报与预警的条数, 不涉农户状况"}
columns:
  - {name: day, title: 日期, type: date}
  - {name: self_report, title: 农户自主申报, type: count, unit: 条}
  - {name: grassroots, title: 基层上报, type: count, unit: 条}
  - {name: department, title: 行业部门推送, type: count, unit: 条}
  - {name: other, title: 其他渠道, type: count, unit: 条}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT toString(s.scope) AS scope,
       toString(s.date) AS day,
       sum(s.self_report) AS self_report,
       sum(s.grassroots) AS grassroots,
       sum(s.department) AS department,
       sum(s.other) AS other
FROM
(
    SELECT arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province])) AS scope,
           t.date AS date, t.self_report AS self_report, t.grassroots AS grassroots, t.department AS department, t.other AS other
    FROM
    (
        SELECT intDiv(village, 1000) AS township,
               toDate(reported_at, 'Asia/Shanghai') AS date,
               countIf(channel = 'self_report') AS self_report,
               countIf(channel = 'grassroots') AS grassroots,
               countIf(channel = 'department') AS department,
               countIf(channel = 'other') AS other
        FROM leads FINAL
        WHERE date BETWEEN today - 29 AND today
        GROUP BY township, date
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    UNION ALL
    -- Every day of every region, so that a day without leads reads 0.
    SELECT code, today - arrayJoin(range(30)), 0, 0, 0, 0
    FROM regions FINAL
    WHERE level != 'village' AND applicable
) AS s
GROUP BY s.scope, s.date
ORDER BY s.scope, s.date
