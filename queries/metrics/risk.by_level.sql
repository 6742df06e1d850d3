/*
title: 风险等级
unit: 户
definition: 风险未消除且有画像的监测对象按风险分分为三级, 达到参数 risk.red 为红, 达到 risk.yellow 为黄, 其余为绿, 分数线未设时为缺报; 风险分是成立指标的权重之和：人均年收入低于本年度监测收入线 (本年度未定的用最近年度)、合规自付刚性支出达到参数 expense.rigid_limit、有大病或长期慢性病成员、有残疾成员、没有技能或普通或弱半劳动力、有劳动力而无人就业、义务教育未保障、基本医疗未保障、住房安全未保障、饮水安全未保障; 权重见 risk_indicators, 没有权重的不加分
policy: 监测指标参照中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 权重与分级分数线为工作值, 见参数表依据
source: 常态化监测子系统
tables: [assessed_households, parameters]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {counts: [households], of: monitored, within: assessed, partition: level}
daily: true
columns:
  - {name: level, title: 风险等级, type: code, codes: risk_level}
  - {name: households, title: 户数, type: count, unit: 户}
*/
WITH (SELECT value FROM parameters FINAL WHERE name = 'risk.red') AS red_from,
     (SELECT value FROM parameters FINAL WHERE name = 'risk.yellow') AS yellow_from
SELECT place,
       -- Without its scores no level is known: all are missing, and nobody is green for want of a line.
       arrayJoin(if(red_from IS NULL OR yellow_from IS NULL, ['red', 'yellow', 'green'],
                    [multiIf(points >= red_from, 'red', points >= yellow_from, 'yellow', 'green')])) AS level,
       if(red_from IS NULL OR yellow_from IS NULL, NULL, count()) AS households
FROM assessed_households(now = {now:DateTime('Asia/Shanghai')})
WHERE assessed
GROUP BY place, level
