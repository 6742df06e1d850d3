/*
title: 资产登记年度
unit: 项
definition: 已登记且未处置的扶贫资产按登记年度划分, 近十年 (含今年)
policy: 国办函〔2021〕51号《关于加强扶贫项目资产后续管理的指导意见》
source: 扶贫资产管理子系统
tables: [assets, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {shown: "资产不涉个人"}
columns:
  - {name: year, title: 年度, type: date}
  - {name: assets, title: 资产数, type: count, unit: 项}
  - {name: original_value, title: 原值, type: money, unit: 元}
  - {name: net_value, title: 净值, type: money, unit: 元}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.year) AS year,
       sum(t.assets) AS assets,
       sum(t.original_value) AS original_value,
       sum(t.net_value) AS net_value
FROM
(
    SELECT intDiv(village, 1000) AS township,
           toStartOfYear(toDate(registered_at, 'Asia/Shanghai')) AS year,
           count() AS assets,
           sum(original_value) AS original_value,
           sum(net_value) AS net_value
    FROM assets FINAL
    WHERE state = 'in_use' AND year BETWEEN toStartOfYear(today) - toIntervalYear(9) AND today
    GROUP BY township, year
    UNION ALL
    -- Zeros, so that every region has every year.
    SELECT code AS township, year, 0, 0, 0
    FROM regions FINAL
    ARRAY JOIN arrayMap(i -> toStartOfYear(today) - toIntervalYear(9 - i), range(10)) AS year
    WHERE level = 'township' AND applicable
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, year
ORDER BY scope, year
