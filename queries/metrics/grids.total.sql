/*
title: 网格
unit: 个
definition: 在用网格数、网格员数、网格内户数与每个网格的平均户数
policy: 《中共中央 国务院关于加强基层治理体系和治理能力现代化建设的意见》
source: 网格化运行维护子系统
tables: [grids]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "网格划分覆盖全部农户, 不涉农户状况"}
columns:
  - {name: grids, title: 网格数, type: count, unit: 个}
  - {name: members, title: 网格员, type: count, unit: 人}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: per_grid, title: 格均户数, type: number, unit: 户, ratio: {of: households, to: grids}}
*/
SELECT intDiv(village, 1000) AS place,
       count() AS grids,
       sum(members) AS members,
       sum(households) AS households
FROM grids FINAL
WHERE state = 'active'
GROUP BY place
