/*
title: 风险评估对象
about: the households at risk, a row each, with the indicators that hold for them (held) and their points; assessed is 0 where there is no profile
tables: [household_states, household_profiles, parameters, income_lines, risk_indicators]
refresh: day
moves: true
*/
WITH (SELECT mapFromArrays(groupArray(toString(indicator)), groupArray(weight)) FROM risk_indicators FINAL) AS weights,
     -- The line of this year, or the last one before it.
     (SELECT argMax(yuan, year) FROM income_lines FINAL WHERE year <= toYear({now:DateTime('Asia/Shanghai')})) AS line,
     (SELECT value FROM parameters FINAL WHERE name = 'expense.rigid_limit') AS rigid_limit
SELECT h.household AS household,
       h.place AS place,
       p.persons > 0 AS assessed,
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
FROM (SELECT household, place FROM household_states WHERE state = 'monitored') AS h
LEFT JOIN
(
    SELECT household, persons, rigid_expense, serious_illness, chronic, disabled, employed,
           toInt64(wage_income + business_income + property_income + transfer_income) - toInt64(business_expense) AS income,
           labour_skilled + labour_ordinary + labour_weak AS labour,
           schooling_secured, medical_secured, housing_secured, water_secured
    FROM household_profiles
) AS p ON p.household = h.household
