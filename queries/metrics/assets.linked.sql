/*
title: 资产关联项目
unit: 项
definition: 已登记且未处置的扶贫资产按能否对应到已登记的帮扶项目划分; 项目编号为空或查无此项目的为未关联
policy: 国办函〔2021〕51号《关于加强扶贫项目资产后续管理的指导意见》
source: 扶贫资产管理子系统
tables: [assets, projects, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "资产不涉个人"}
columns:
  - {name: linked, title: 已关联, type: count, unit: 项}
  - {name: linked_value, title: 已关联原值, type: money, unit: 元}
  - {name: unlinked, title: 未关联, type: count, unit: 项}
  - {name: unlinked_value, title: 未关联原值, type: money, unit: 元}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       sumIf(t.assets, t.known) AS linked,
       sumIf(t.original_value, t.known) AS linked_value,
       sumIf(t.assets, NOT t.known) AS unlinked,
       sumIf(t.original_value, NOT t.known) AS unlinked_value
FROM
(
    SELECT intDiv(village, 1000) AS township,
           ifNull(project IN (SELECT project FROM projects FINAL), false) AS known,
           count() AS assets,
           sum(original_value) AS original_value
    FROM assets FINAL
    WHERE state = 'in_use'
    GROUP BY township, known
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope
