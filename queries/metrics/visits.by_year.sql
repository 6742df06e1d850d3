/*
title: 历年走访
unit: 次
definition: 历年从手机应用上报的次数, 走访、调查、核实、回访和农户申报都计, 从有记录的第一年到今年 (今年未满), 没有走访的年份为0; 年界为北京时间; 以每年1月1日代表该年
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准扶贫APP
tables: [visits_yearly, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {shown: "走访是工作次数, 不涉农户状况"}
columns:
  - {name: year, title: 年度, type: date}
  - {name: visits, title: 次数, type: count, unit: 次}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toYear({now:DateTime('Asia/Shanghai')}) AS this_year,
     ifNull((SELECT toNullable(year) FROM visits_yearly ORDER BY year LIMIT 1), this_year) AS first_year
SELECT toString(s.scope) AS scope,
       toString(makeDate(s.calendar_year, 1, 1)) AS year,
       sum(s.visits) AS visits
FROM
(
    SELECT arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province])) AS scope,
           t.calendar_year AS calendar_year, t.visits AS visits
    FROM
    (
        SELECT visits_yearly.year AS calendar_year, township, sum(visits) AS visits
        FROM visits_yearly
        WHERE visits_yearly.year <= this_year
        GROUP BY calendar_year, township
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    UNION ALL
    -- Every year of every region since the first visit of the province.
    SELECT code, arrayJoin(range(toUInt16(first_year), toUInt16(this_year) + 1)) AS calendar_year, 0
    FROM regions FINAL
    WHERE level != 'village' AND applicable
) AS s
GROUP BY s.scope, s.calendar_year
ORDER BY s.scope, s.calendar_year
