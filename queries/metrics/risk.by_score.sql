/*
title: 风险分分布
unit: 户
definition: 风险未消除且有画像的监测对象按风险分每10分一档; 风险分是成立指标的权重之和：人均年收入低于本年度监测收入线 (本年度未定的用最近年度)、合规自付刚性支出达到参数 expense.rigid_limit、有大病或长期慢性病成员、有残疾成员、没有技能或普通或弱半劳动力、有劳动力而无人就业、义务教育未保障、基本医疗未保障、住房安全未保障、饮水安全未保障; 权重见 risk_indicators, 没有权重的不加分
policy: 监测指标参照中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 权重与分级分数线为工作值, 见参数表依据
source: 常态化监测子系统
tables: [assessed_households]
regions: [province, county] # of eleven bands for some forty households nearly none could be shown in a township
rows: places
absent: zero
refresh: day
disclosure: {counts: [households], of: monitored, within: assessed, partition: score}
columns:
  - {name: band, title: 风险分, type: code, codes: score_band}
  - {name: households, title: 户数, type: count, unit: 户}
*/
SELECT place,
       concat('from_', toString(10 * toUInt32(least(floor(points / 10), 10)))) AS band,
       count() AS households
FROM assessed_households(now = {now:DateTime('Asia/Shanghai')})
WHERE assessed
GROUP BY place, band
