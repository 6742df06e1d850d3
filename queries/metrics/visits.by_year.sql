/*
title: 历年走访
unit: 次
definition: 历年走访次数, 从有记录的第一年到最近一年, 没有走访的年份为0; 年界为北京时间; 当年未满
policy: 国乡振发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准扶贫APP
tables: [visits_daily, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "走访是工作次数, 不涉农户状况"}
columns:
  - {name: year, title: 年度, type: text}
  - {name: visits, title: 次数, type: count, unit: 次}
*/
-- Ten years are millions of sums: year and township as one number are grouped
-- in half the time of two.
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     (SELECT (toYear(min(day)), toYear(max(day))) FROM visits_daily) AS years
SELECT toString(s.scope) AS scope,
       toString(s.calendar_year) AS year,
       sum(s.visits) AS visits
FROM
(
    SELECT arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province])) AS scope,
           t.calendar_year AS calendar_year, t.visits AS visits
    FROM
    (
        SELECT intDiv(year_township, 1000000000) AS calendar_year,
               year_township % 1000000000 AS township,
               visits
        FROM
        (
            SELECT toYear(day) * 1000000000 + township AS year_township, sum(visits) AS visits
            FROM visits_daily
            GROUP BY year_township
        )
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    UNION ALL
    -- Every year of every region; none before the first visit.
    SELECT code, arrayJoin(range(toUInt64(years.1), toUInt64(years.2) + 1)) AS calendar_year, 0
    FROM regions FINAL
    WHERE level != 'village' AND applicable AND years.1 > 1970
) AS s
GROUP BY s.scope, s.calendar_year
ORDER BY s.scope, s.calendar_year
