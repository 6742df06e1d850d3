/*
title: 档案类别
unit: 卷
definition: 未销毁的案卷按六类划分; 归档率为已归档案卷占该类案卷的比例
policy: 国家档案局、国务院扶贫办《精准扶贫档案管理办法》
source: 档案在线收集子系统
tables: [archives]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "案卷不涉农户状况"}
columns:
  - {name: category, title: 档案类别, type: code, codes: archive_category}
  - {name: volumes, title: 案卷数, type: count, unit: 卷}
  - {name: archived, title: 已归档, type: count, unit: 卷}
  - {name: rate, title: 归档率, type: number, unit: "%", ratio: {of: archived, to: volumes, times: 100}}
*/
SELECT region AS place,
       category,
       count() AS volumes,
       countIf(state = 'archived') AS archived
FROM archives FINAL
WHERE state != 'destroyed'
GROUP BY place, category
