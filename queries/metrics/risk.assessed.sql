/*
title: 风险研判覆盖
unit: 户
definition: 风险未消除且有画像的监测对象按指标逐户计分; 没有画像的不能计分, 另列; 风险分是成立指标的权重之和：人均年收入低于本年度监测收入线 (本年度未定的用最近年度)、合规自付刚性支出达到参数 expense.rigid_limit、有大病或长期慢性病成员、有残疾成员、没有技能或普通或弱半劳动力、有劳动力而无人就业、义务教育未保障、基本医疗未保障、住房安全未保障、饮水安全未保障; 权重见 risk_indicators, 没有权重的不加分
policy: 监测指标参照中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 权重与分级分数线为工作值, 见参数表依据
source: 常态化监测子系统
tables: [assessed_households]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {counts: [assessed = households, without], of: monitored, within: remaining, partition: assessed, harmless: [without]}
daily: true
parts: [points_in_all]
columns:
  - {name: households, title: 已研判, type: count, unit: 户}
  - {name: without, title: 无画像, type: count, unit: 户}
  - {name: score, title: 平均风险分, type: number, unit: 分, ratio: {of: points_in_all, to: households}}
*/
SELECT place,
       countIf(assessed) AS households,
       countIf(NOT assessed) AS without,
       sumIf(points, assessed) AS points_in_all
FROM assessed_households(now = {now:DateTime('Asia/Shanghai')})
GROUP BY place
