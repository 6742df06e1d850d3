/*
title: 经营主体
unit: 个
definition: 仍在经营的主体按类别划分, 及其填报的带动户数; 一户可由多个主体带动, 带动户数不可与农户数相比
policy: 中发〔2020〕30号《关于实现巩固拓展脱贫攻坚成果同乡村振兴有效衔接的意见》
source: 新型帮扶体系子系统
tables: [entities]
regions: [province, county, township]
rows: places
absent: zero
note: 一户可由多个主体带动
refresh: change
disclosure: {shown: "带动户数由经营主体填报, 不涉农户状况"}
columns:
  - {name: kind, title: 主体类别, type: code, codes: entity_kind}
  - {name: entities, title: 主体数, type: count, unit: 个}
  - {name: linked_households, title: 带动户数, type: count, unit: 户次}
*/
SELECT intDiv(village, 1000) AS place,
       kind,
       count() AS entities,
       sum(linked_households) AS linked_households
FROM entities FINAL
WHERE state = 'active'
GROUP BY place, kind
