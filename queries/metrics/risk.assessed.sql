/*
title: 风险研判覆盖
unit: 户
definition: 风险未消除且有画像的监测对象按指标逐户计分; 没有画像的不能计分, 另列; 风险分是成立指标的权重之和：人均年收入低于本年度监测收入线 (本年度未定的用最近年度)、合规自付刚性支出达到参数 expense.rigid_limit、有大病或长期慢性病成员、有残疾成员、没有技能或普通或弱半劳动力、有劳动力而无人就业、义务教育未保障、基本医疗未保障、住房安全未保障、饮水安全未保障; 权重见 risk_indicators, 没有权重的不加分
policy: 监测指标参照中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 权重与分级分数线为工作值, 见参数表依据
source: 常态化监测子系统
tables: [households, profiles, parameters, income_lines, risk_indicators]
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
WITH (SELECT mapFromArrays(groupArray(toString(indicator)), groupArray(weight)) FROM risk_indicators FINAL) AS weights,
     -- The line of this year, or the last one before it.
     (SELECT argMax(yuan, year) FROM income_lines FINAL WHERE year <= toYear({now:DateTime('Asia/Shanghai')})) AS line,
     (SELECT value FROM parameters FINAL WHERE name = 'expense.rigid_limit') AS rigid_limit
SELECT place,
       countIf(assessed) AS households,
       countIf(NOT assessed) AS without,
       sumIf(points, assessed) AS points_in_all
FROM
(
    SELECT intDiv(h.village, 1000) AS place,
           p.persons > 0 AS assessed, -- 0 where there is no profile
           -- The indicators that hold for the household.
           arrayFilter(i -> i != '',
           [
               if(p.income < toInt64(line) * p.persons, 'income_below_line', ''),
               if(p.rigid_expense >= rigid_limit, 'rigid_expense', ''),
               if(p.serious_illness > 0 OR p.chronic > 0, 'serious_illness', ''),
               if(p.disabled > 0, 'disability', ''),
               if(p.labour = 0, 'no_labour', ''),
               if(p.labour > 0 AND p.employed = 0, 'no_employment', ''),
               if(p.schooling_secured, '', 'schooling_not_secured'),
               if(p.medical_secured, '', 'medical_not_secured'),
               if(p.housing_secured, '', 'housing_not_secured'),
               if(p.water_secured, '', 'water_not_secured')
           ]) AS held,
           arraySum(i -> weights[i], held) AS points
    FROM (SELECT household, village FROM households FINAL WHERE state = 'monitored') AS h
    LEFT JOIN
    (
        SELECT household, persons, rigid_expense, serious_illness, chronic, disabled, employed,
               toInt64(wage_income + business_income + property_income + transfer_income) - toInt64(business_expense) AS income,
               labour_skilled + labour_ordinary + labour_weak AS labour,
               schooling_secured, medical_secured, housing_secured, water_secured
        FROM profiles FINAL
    ) AS p ON p.household = h.household
)
GROUP BY place
