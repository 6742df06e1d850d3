/*
title: 区划
unit: 个
definition: 省、市县、乡镇三级区划; 代码按 GB/T 2260 与 GB/T 10114
policy: GB/T 2260、GB/T 10114
source: 数据中心
tables: [regions]
regions: [province]
absent: zero
refresh: change
disclosure: {shown: "区划不涉个人"}
columns:
  - {name: region, title: 代码, type: text}
  - {name: parent, title: 上级, type: text}
  - {name: level, title: 级别, type: text}
  - {name: name, title: 名称, type: text}
  - {name: applicable, title: 适用, type: count, unit: 是否}
*/
SELECT toString((SELECT max(code) FROM regions FINAL WHERE level = 'province')) AS scope,
       toString(code) AS region,
       toString(parent) AS parent,
       toString(level) AS level,
       name,
       toUInt8(applicable) AS applicable
FROM regions FINAL
WHERE level != 'village'
ORDER BY code
