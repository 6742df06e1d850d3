/*
title: 质量预警
unit: 户
definition: "按六条规则找出须复核的监测对象, 未落实措施、未落实开发式措施与不匹配三条只查风险未消除的: 识别后满参数 measure.due_days 天未落实任何措施; 有普通或技能劳动力, 识别后满参数 measure.development_due_days 天未落实开发式措施; 风险已消除而从未落实措施; 识别当月或次月即帮扶消除; 消除时人均收入低于当年监测收入线, 收入不明或当年未定线的不判; 首要风险因病而无健康、社会帮扶、综合保障措施, 或因学而无教育措施(计划或落实均可); 天数未设的规则无法判断, 为缺报"
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 期限为参数, 见其依据
source: 精准施策子系统
tables: [households, measures, eliminations, profiles, income_lines, parameters, regions]
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
SELECT intDiv(h.village, 1000) AS place,
       arrayJoin(arrayFilter(rule -> rule != '', [
           if(h.state = 'monitored' AND recognised_days >= due_days AND m.delivered = 0, 'no_measure_one_month', ''),
           if(h.state = 'monitored' AND recognised_days >= development_due_days
              AND p.labour_skilled + p.labour_ordinary > 0 AND m.development = 0, 'no_development_six_months', ''),
           if(h.state = 'eliminated' AND m.delivered = 0, 'eliminated_without_measure', ''),
           if(h.state = 'eliminated' AND e.known AND e.last.2 = 'assisted'
              AND dateDiff('month', toDate(h.recognised_at, 'Asia/Shanghai'), toDate(e.last.3, 'Asia/Shanghai')) <= 1,
              'eliminated_too_soon', ''),
           if(h.state = 'eliminated' AND e.known AND ifNull(e.last.4 < l.yuan, false), 'eliminated_below_line', ''),
           if(h.state = 'monitored' AND (h.causes[1] = 'illness' AND m.for_illness = 0
                                         OR h.causes[1] = 'schooling' AND m.for_schooling = 0),
              'cause_measure_mismatch', '')])) AS rule,
       count() AS households
FROM
(
    SELECT household, village, state, causes, recognised_at,
           dateDiff('day', toDate(recognised_at, 'Asia/Shanghai'), day) AS recognised_days
    FROM households FINAL
    WHERE state != 'removed'
) AS h
LEFT JOIN
(
    SELECT household,
           countIf(delivered_at IS NOT NULL) AS delivered,
           countIf(delivered_at IS NOT NULL
                   AND kind IN ('industry', 'employment', 'finance', 'public_post', 'consumption')) AS development,
           countIf(kind IN ('health', 'social_assistance', 'comprehensive_security')) AS for_illness,
           countIf(kind IN ('compulsory_education', 'other_education')) AS for_schooling
    FROM measures FINAL
    GROUP BY household
) AS m ON m.household = h.household
LEFT JOIN
(
    -- Of a household that was rolled back and eliminated again, the last elimination counts.
    SELECT household,
           1 AS known,
           argMax((event, kind, at, income_per_head), (at, event)) AS last
    FROM eliminations FINAL
    GROUP BY household
    HAVING last.1 = 'eliminated'
) AS e ON e.household = h.household
LEFT JOIN (SELECT household, labour_skilled, labour_ordinary FROM profiles FINAL) AS p ON p.household = h.household
LEFT JOIN (SELECT year, yuan FROM income_lines FINAL) AS l ON l.year = toYear(e.last.3, 'Asia/Shanghai')
GROUP BY place, rule
UNION ALL
-- A rule whose days are not set cannot be judged anywhere.
SELECT code, rule, NULL
FROM regions FINAL
ARRAY JOIN arrayFilter(rule -> rule != '', [if(due_days IS NULL, 'no_measure_one_month', ''),
                                            if(development_due_days IS NULL, 'no_development_six_months', '')]) AS rule
WHERE level = 'township' AND applicable
