/*
title: 风险指标
unit: 户
definition: 风险未消除且有画像的监测对象中每项指标成立的户数, 和该指标的权重; 一户可有多项; 风险分是成立指标的权重之和：人均年收入低于本年度监测收入线 (本年度未定的用最近年度)、合规自付刚性支出达到参数 expense.rigid_limit、有大病或长期慢性病成员、有残疾成员、没有技能或普通或弱半劳动力、有劳动力而无人就业、义务教育未保障、基本医疗未保障、住房安全未保障、饮水安全未保障; 权重见 risk_indicators, 没有权重的不加分
policy: 监测指标参照中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 权重与分级分数线为工作值, 见参数表依据
source: 常态化监测子系统
tables: [assessed_households, risk_indicators, regions]
regions: [province, county, township]
absent: zero
note: 可多选, 各项之和大于户数
refresh: day
disclosure: {counts: [households], of: monitored, within: assessed, partition: indicator, overlapping: true}
columns:
  - {name: indicator, title: 指标, type: code, codes: indicator}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: weight, title: 权重, type: number, unit: 分}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     (SELECT mapFromArrays(groupArray(toString(indicator)), groupArray(weight)) FROM risk_indicators FINAL) AS weights
SELECT toString(s.scope) AS scope,
       s.indicator AS indicator,
       sum(s.households) AS households,
       weights[s.indicator] AS weight
FROM
(
    SELECT arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province])) AS scope,
           t.indicator AS indicator, t.households AS households
    FROM
    (
        SELECT place, arrayJoin(held) AS indicator, count() AS households
        FROM assessed_households(now = {now:DateTime('Asia/Shanghai')})
        WHERE assessed
        GROUP BY place, indicator
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.place
    UNION ALL
    -- Every indicator of every region, since each has its weight.
    SELECT code, arrayJoin(mapKeys(weights)), 0
    FROM regions FINAL
    WHERE level != 'village' AND applicable
) AS s
GROUP BY s.scope, s.indicator
