/*
title: 帮扶组织
unit: 个
definition: 仍在帮扶的组织按类别划分, 及其帮扶责任人数
policy: 中发〔2020〕30号《关于实现巩固拓展脱贫攻坚成果同乡村振兴有效衔接的意见》
source: 新型帮扶体系子系统
tables: [organisations]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "帮扶组织不是农户"}
columns:
  - {name: kind, title: 组织类别, type: code, codes: organisation_kind}
  - {name: organisations, title: 组织数, type: count, unit: 个}
  - {name: members, title: 帮扶责任人, type: count, unit: 人}
*/
SELECT region AS place,
       kind,
       count() AS organisations,
       sum(members) AS members
FROM organisations FINAL
WHERE state = 'active'
GROUP BY region, kind
