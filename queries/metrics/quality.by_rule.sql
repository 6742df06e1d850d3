/*
title: 质量预警
unit: 户
definition: "按六条规则找出须复核的监测对象, 未落实措施、未落实开发式措施与不匹配三条只查风险未消除的: 识别后满参数 measure.due_days 天未落实任何措施; 有普通或技能劳动力, 识别后满参数 measure.development_due_days 天未落实开发式措施; 风险已消除而从未落实措施; 识别当月或次月即帮扶消除; 消除时人均收入低于当年监测收入线, 收入不明或当年未定线的不判; 首要风险因病而无健康、社会帮扶、综合保障措施, 或因学而无教育措施(计划或落实均可); 天数未设的规则无法判断, 为缺报"
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 期限为参数, 见其依据
source: 精准施策子系统
tables: [household_states, household_measures, eliminated_households, household_profiles, income_lines, parameters, regions]
regions: [province, county, township]
rows: places
absent: zero
note: 可多项并存, 各项之和大于户数
refresh: day
disclosure: {counts: [households], of: monitored, partition: quality_rule, overlapping: true}
columns:
  - {name: rule, title: 规则, type: code, codes: quality_rule}
  - {name: households, title: 户数, type: count, unit: 户}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS day,
     (SELECT value FROM parameters FINAL WHERE name = 'measure.due_days') AS due_days,
     (SELECT value FROM parameters FINAL WHERE name = 'measure.development_due_days') AS development_due_days
SELECT h.place AS place,
       arrayJoin(arrayFilter(rule -> rule != '', [
           if(h.state = 'monitored' AND recognised_days >= due_days AND m.delivered = 0, 'no_measure_one_month', ''),
           if(h.state = 'monitored' AND recognised_days >= development_due_days
              AND p.labour_skilled + p.labour_ordinary > 0 AND m.development = 0, 'no_development_six_months', ''),
           if(h.state = 'eliminated' AND m.delivered = 0, 'eliminated_without_measure', ''),
           if(h.state = 'eliminated' AND e.known AND e.kind = 'assisted'
              AND dateDiff('month', toDate(h.recognised_at, 'Asia/Shanghai'), toDate(e.at, 'Asia/Shanghai')) <= 1,
              'eliminated_too_soon', ''),
           if(h.state = 'eliminated' AND e.known AND ifNull(e.income_per_head < l.yuan, false), 'eliminated_below_line', ''),
           if(h.state = 'monitored' AND (h.cause = 'illness' AND m.for_illness = 0
                                         OR h.cause = 'schooling' AND m.for_schooling = 0),
              'cause_measure_mismatch', '')])) AS rule,
       count() AS households
FROM
(
    SELECT household, place, state, cause, recognised_at,
           dateDiff('day', toDate(recognised_at, 'Asia/Shanghai'), day) AS recognised_days
    FROM household_states
) AS h
LEFT JOIN household_measures AS m ON m.household = h.household
LEFT JOIN (SELECT household, 1 AS known, kind, at, income_per_head FROM eliminated_households) AS e ON e.household = h.household
LEFT JOIN (SELECT household, labour_skilled, labour_ordinary FROM household_profiles) AS p ON p.household = h.household
LEFT JOIN (SELECT year, yuan FROM income_lines FINAL) AS l ON l.year = toYear(e.at, 'Asia/Shanghai')
GROUP BY place, rule
UNION ALL
-- A rule whose days are not set cannot be judged anywhere.
SELECT code, rule, NULL
FROM regions FINAL
ARRAY JOIN arrayFilter(rule -> rule != '', [if(due_days IS NULL, 'no_measure_one_month', ''),
                                            if(development_due_days IS NULL, 'no_development_six_months', '')]) AS rule
WHERE level = 'township' AND applicable
