/*
title: 近24小时走访
unit: 次
definition: 最近24个整点小时 (不含未满的本小时) 每小时从手机应用上报的次数, 走访、调查、核实、回访和农户申报都计, 按走访时间计, 北京时间
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准扶贫APP
tables: [visit_hours, regions]
regions: [province, county, township]
absent: zero
refresh: hour
disclosure: {shown: "走访是工作次数, 不涉农户状况"}
columns:
  - {name: hour, title: 时段, type: code, codes: hour}
  - {name: day, title: 日期, type: date}
  - {name: visits, title: 次数, type: count, unit: 次}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     {now:DateTime('Asia/Shanghai')} AS this_hour
SELECT toString(s.scope) AS scope,
       formatDateTime(s.began, 'h%H', 'Asia/Shanghai') AS hour,
       toString(toDate(s.began, 'Asia/Shanghai')) AS day,
       sum(s.visits) AS visits
FROM
(
    SELECT arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province])) AS scope,
           t.began AS began, t.visits AS visits
    FROM (SELECT place, began, visits FROM visit_hours(now = {now:DateTime('Asia/Shanghai')})) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.place
    UNION ALL
    -- Every hour of every region, so that an hour without visits reads 0.
    SELECT code, this_hour - toIntervalHour(arrayJoin(range(1, 25))), 0
    FROM regions FINAL
    WHERE level != 'village' AND applicable
) AS s
GROUP BY s.scope, s.began
ORDER BY s.scope, s.began
