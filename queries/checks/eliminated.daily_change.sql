/*
title: 风险消除：较昨日变动不过限
definition: 风险消除户数较昨日留存数的变动不超过参数 change.daily_limit (%); 昨日没有留存或留存为0的不比
policy: warn
metrics: [risk.eliminated]
tables: [daily_figures, parameters]
refresh: day
*/
-- Words name no counts: the figure of a small region may be one that is not shown.
WITH (SELECT value FROM parameters FINAL WHERE name = 'change.daily_limit') AS allowed
SELECT region,
       concat('较昨日', if(households > kept, '增', '减'), toString(round(change, 1)), '%, 超过', toString(allowed), '%') AS words,
       kept AS expected,
       households AS actual
FROM
(
    SELECT d.region AS region,
           d.value AS kept,
           ifNull(t.households, 0) AS households,
           100 * abs(households - kept) / kept AS change
    FROM daily_figures AS d FINAL
    LEFT JOIN "risk.eliminated" AS t ON t.scope = d.region
    WHERE d.metric = 'risk.eliminated' AND d.day = toDate({now:DateTime('Asia/Shanghai')}) - 1
      AND d.line = '' AND d.figure = 'households' AND d.value > 0
)
WHERE change > allowed
ORDER BY length(region), region
