/*
title: 档案状态
unit: 卷
definition: 全部案卷按收集中、已收集、已归档、已销毁划分, 及其卷内件数
policy: 《中华人民共和国档案法》
source: 档案在线收集子系统
tables: [archives, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "案卷不涉农户状况"}
daily: true
columns:
  - {name: state, title: 状态, type: code, codes: archive_state}
  - {name: volumes, title: 案卷数, type: count, unit: 卷}
  - {name: items, title: 件数, type: count, unit: 件}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], arrayDistinct([r.code, r.parent, province])))) AS scope,
       toString(t.state) AS state,
       sum(t.volumes) AS volumes,
       sum(t.items) AS items
FROM
(
    SELECT region,
           state,
           count() AS volumes,
           sum(items) AS items
    FROM archives FINAL
    GROUP BY region, state
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level IN ('county', 'township')) AS r ON r.code = t.region
GROUP BY scope, state
