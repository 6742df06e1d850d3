/*
title: 风险等级
unit: 户
definition: 风险未消除且有画像的监测对象按风险分分为三级, 达到参数 risk.red 为红, 达到 risk.yellow 为黄, 其余为绿, 分数线未设时为缺报; 风险分是成立指标的权重之和：人均年收入低于本年度监测收入线 (本年度未定的用最近年度)、合规自付刚性支出达到参数 expense.rigid_limit、有大病或长期慢性病成员、有残疾成员、没有技能或普通或弱半劳动力、有劳动力而无人就业、义务教育未保障、基本医疗未保障、住房安全未保障、饮水安全未保障; 权重见 risk_indicators, 没有权重的不加分
policy: 监测指标参照中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 权重与分级分数线为工作值, 见参数表依据
source: 常态化监测子系统
tables: [households, profiles, parameters, income_lines, risk_indicators]
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
WITH (SELECT mapFromArrays(groupArray(toString(indicator)), groupArray(weight)) FROM risk_indicators FINAL) AS weights,
     -- The line of this year, or the last one before it.
     (SELECT argMax(yuan, year) FROM income_lines FINAL WHERE year <= toYear({now:DateTime('Asia/Shanghai')})) AS line,
     (SELECT value FROM parameters FINAL WHERE name = 'expense.rigid_limit') AS rigid_limit,
     (SELECT value FROM parameters FINAL WHERE name = 'risk.red') AS red_from,
     (SELECT value FROM parameters FINAL WHERE name = 'risk.yellow') AS yellow_from
SELECT place,
       -- Without its scores no level is known: all are missing, and nobody is green for want of a line.
       arrayJoin(if(red_from IS NULL OR yellow_from IS NULL, ['red', 'yellow', 'green'],
                    [multiIf(points >= red_from, 'red', points >= yellow_from, 'yellow', 'green')])) AS level,
       if(red_from IS NULL OR yellow_from IS NULL, NULL, count()) AS households
FROM
(
    SELECT intDiv(h.village, 1000) AS place,
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
    INNER JOIN
    (
        SELECT household, persons, rigid_expense, serious_illness, chronic, disabled, employed,
               toInt64(wage_income + business_income + property_income + transfer_income) - toInt64(business_expense) AS income,
               labour_skilled + labour_ordinary + labour_weak AS labour,
               schooling_secured, medical_secured, housing_secured, water_secured
        FROM profiles FINAL
    ) AS p ON p.household = h.household
)
GROUP BY place, level
