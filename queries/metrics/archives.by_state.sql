/*
title: 档案状态
unit: 卷
definition: 全部案卷按收集中、已收集、已归档、已销毁划分, 及其卷内件数
policy: 《中华人民共和国档案法》
source: 档案在线收集子系统
tables: [archives]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "案卷不涉农户状况"}
daily: true
columns:
  - {name: state, title: 状态, type: code, codes: archive_state}
  - {name: volumes, title: 案卷数, type: count, unit: 卷}
  - {name: items, title: 件数, type: count, unit: 件}
*/
SELECT region AS place,
       state,
       count() AS volumes,
       sum(items) AS items
FROM archives FINAL
GROUP BY region, state
