/*
title: 监测对象：较昨日变动不过限
definition: 监测对象户数较昨日留存数的变动不超过参数 change.daily_limit (%); 昨日没有留存的不比
policy: warn
metrics: [monitored.total]
tables: [daily_figures, parameters]
refresh: day
*/
-- Words and figures name no counts: the figure of a small region may be one that is not shown.
WITH (SELECT value FROM parameters FINAL WHERE name = 'change.daily_limit') AS allowed
SELECT region,
       if(kept = 0, '昨日为0, 今日不为0', concat('较昨日', if(households > kept, '增', '减'), toString(round(change, 1)), '%, 超过', toString(allowed), '%')) AS words,
       toFloat64(kept) AS expected,
       toFloat64(households) AS actual
FROM
(
    SELECT d.region AS region,
           d.value AS kept,
           ifNull(t.households, 0) AS households,
           100 * abs(households - kept) / kept AS change
    FROM daily_figures AS d FINAL
    LEFT JOIN "monitored.total" AS t ON t.scope = d.region
    WHERE d.metric = 'monitored.total' AND d.day = toDate({now:DateTime('Asia/Shanghai')}) - 1 AND d.line = '' AND d.figure = 'households'
)
WHERE change > allowed
ORDER BY length(region), region
