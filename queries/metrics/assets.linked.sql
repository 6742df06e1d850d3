/*
title: 资产关联项目
unit: 项
definition: 已登记且未处置的扶贫资产按能否对应到已登记的帮扶项目划分; 项目编号为空或查无此项目的为未关联
policy: 国办函〔2021〕51号《关于加强扶贫项目资产后续管理的指导意见》
source: 扶贫资产管理子系统
tables: [assets, projects]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "资产不涉个人"}
columns:
  - {name: linked, title: 已关联, type: count, unit: 项}
  - {name: linked_value, title: 已关联原值, type: money, unit: 元}
  - {name: unlinked, title: 未关联, type: count, unit: 项}
  - {name: unlinked_value, title: 未关联原值, type: money, unit: 元}
*/
SELECT place,
       countIf(known) AS linked,
       sumIf(original_value, known) AS linked_value,
       countIf(NOT known) AS unlinked,
       sumIf(original_value, NOT known) AS unlinked_value
FROM
(
    SELECT intDiv(village, 1000) AS place,
           ifNull(project IN (SELECT project FROM projects FINAL), false) AS known,
           original_value
    FROM assets FINAL
    WHERE state = 'in_use'
)
GROUP BY place
