/*
title: 档案类别
unit: 卷
definition: 未销毁的案卷按六类划分; 归档率为已归档案卷占该类案卷的比例
policy: 国家档案局、国务院扶贫办《精准扶贫档案管理办法》
source: 档案在线收集子系统
tables: [archives, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "案卷不涉农户状况"}
columns:
  - {name: category, title: 档案类别, type: code, codes: archive_category}
  - {name: volumes, title: 案卷数, type: count, unit: 卷}
  - {name: archived, title: 已归档, type: count, unit: 卷}
  - {name: rate, title: 归档率, type: number, unit: "%"}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], arrayDistinct([r.code, r.parent, province])))) AS scope,
       toString(t.category) AS category,
       sum(t.volumes) AS volumes,
       sum(t.archived) AS archived,
       100 * sum(t.archived) / nullIf(sum(t.volumes), 0) AS rate
FROM
(
    SELECT region,
           category,
           count() AS volumes,
           countIf(state = 'archived') AS archived
    FROM archives FINAL
    WHERE state != 'destroyed'
    GROUP BY region, category
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level IN ('county', 'township')) AS r ON r.code = t.region
GROUP BY scope, category
