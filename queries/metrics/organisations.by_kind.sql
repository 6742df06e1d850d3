/*
title: 帮扶组织
unit: 个
definition: 仍在帮扶的组织按类别划分, 及其帮扶责任人数
policy: 中发〔2020〕30号《关于实现巩固拓展脱贫攻坚成果同乡村振兴有效衔接的意见》
source: 新型帮扶体系子系统
tables: [organisations, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "帮扶组织不是农户"}
columns:
  - {name: kind, title: 组织类别, type: code, codes: organisation_kind}
  - {name: organisations, title: 组织数, type: count, unit: 个}
  - {name: members, title: 帮扶责任人, type: count, unit: 人}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], arrayDistinct([r.code, r.parent, province])))) AS scope,
       toString(t.kind) AS kind,
       sum(t.organisations) AS organisations,
       sum(t.members) AS members
FROM
(
    SELECT region,
           kind,
           count() AS organisations,
           sum(members) AS members
    FROM organisations FINAL
    WHERE state = 'active'
    GROUP BY region, kind
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level IN ('county', 'township')) AS r ON r.code = t.region
GROUP BY scope, kind
