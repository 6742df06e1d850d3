/*
title: 项目资金
unit: 元
definition: 历年资金按所属项目的类别与环节汇总, 按项目所在的村归属; 流水所指项目未登记的不计
policy: 财农〔2021〕19号《中央财政衔接推进乡村振兴补助资金管理办法》
source: 精准施策子系统
tables: [project_funds, projects]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "资金按环节汇总, 不涉个人"}
columns:
  - {name: kind, title: 项目类别, type: code, codes: project_kind}
  - {name: issued, title: 省级下达, type: money, unit: 元}
  - {name: allocated, title: 市县划分, type: money, unit: 元}
  - {name: paid, title: 村级拨付, type: money, unit: 元}
  - {name: granted, title: 收益户发放, type: money, unit: 元}
*/
SELECT intDiv(p.village, 1000) AS place,
       p.kind AS kind,
       sumIf(f.amount, f.step = 'issued') AS issued,
       sumIf(f.amount, f.step = 'allocated') AS allocated,
       sumIf(f.amount, f.step = 'paid') AS paid,
       sumIf(f.amount, f.step = 'granted') AS granted
FROM project_funds AS f
INNER JOIN (SELECT project, village, kind FROM projects FINAL) AS p ON p.project = f.project
GROUP BY place, kind
