/*
title: 档案保管期限
unit: 卷
definition: 未销毁的案卷按保管期限划分
policy: 国家档案局令第8号《机关文件材料归档范围和文书档案保管期限规定》
source: 档案保管子系统
tables: [archives]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "案卷不涉农户状况"}
columns:
  - {name: term, title: 保管期限, type: code, codes: archive_term}
  - {name: volumes, title: 案卷数, type: count, unit: 卷}
*/
SELECT region AS place,
       term,
       count() AS volumes
FROM archives FINAL
WHERE state != 'destroyed'
GROUP BY region, term
