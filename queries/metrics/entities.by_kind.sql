/*
title: 经营主体
unit: 个
definition: 仍在经营的主体按类别划分, 及其填报的带动户数; 一户可由多个主体带动, 带动户数不可与农户数相比
policy: 中发〔2020〕30号《关于实现巩固拓展脱贫攻坚成果同乡村振兴有效衔接的意见》
source: 新型帮扶体系子系统
tables: [entities, regions]
regions: [province, county, township]
absent: zero
note: 一户可由多个主体带动
refresh: change
disclosure: {shown: "带动户数由经营主体填报, 不涉农户状况"}
columns:
  - {name: kind, title: 主体类别, type: code, codes: entity_kind}
  - {name: entities, title: 主体数, type: count, unit: 个}
  - {name: linked_households, title: 带动户数, type: count, unit: 户次}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.kind) AS kind,
       sum(t.entities) AS entities,
       sum(t.linked_households) AS linked_households
FROM
(
    SELECT intDiv(village, 1000) AS township,
           kind,
           count() AS entities,
           sum(linked_households) AS linked_households
    FROM entities FINAL
    WHERE state = 'active'
    GROUP BY township, kind
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, kind
