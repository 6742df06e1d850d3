/*
title: 历年应急事件
unit: 起
definition: 近五年 (含今年) 启动响应的应急事件数与受影响户数; 市县与乡镇只计波及本地的事件; 一户受多起事件影响的按次计
policy: 《中华人民共和国突发事件应对法》
source: 应急响应监测子系统
tables: [emergencies, emergency_households, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {counts: [households], of: emergency, partition: emergency_year, overlapping: true, repeats: equal}
columns:
  - {name: year, title: 年度, type: date}
  - {name: events, title: 事件数, type: count, unit: 起}
  - {name: households, title: 受影响户次, type: count, unit: 户次}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.year) AS year,
       uniqExact(t.emergency) AS events,
       sum(t.households) AS households
FROM
(
    SELECT toNullable(h.emergency) AS emergency,
           intDiv(h.village, 1000) AS township,
           e.year AS year,
           count() AS households
    FROM (SELECT emergency, village FROM emergency_households FINAL) AS h
    INNER JOIN
    (
        SELECT emergency, toStartOfYear(toDate(started_at, 'Asia/Shanghai')) AS year
        FROM emergencies FINAL
        WHERE year BETWEEN toStartOfYear(today) - toIntervalYear(4) AND today
    ) AS e ON e.emergency = h.emergency
    GROUP BY emergency, township, year
    UNION ALL
    -- The province counts every event, also one that hit nobody yet.
    SELECT emergency, 0, toStartOfYear(toDate(started_at, 'Asia/Shanghai')) AS year, 0
    FROM emergencies FINAL
    WHERE year BETWEEN toStartOfYear(today) - toIntervalYear(4) AND today
    UNION ALL
    -- Zeros, so that every region has every year.
    SELECT NULL, code, year, 0
    FROM regions FINAL
    ARRAY JOIN arrayMap(i -> toStartOfYear(today) - toIntervalYear(4 - i), range(5)) AS year
    WHERE level = 'township' AND applicable
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, year
ORDER BY scope, year
