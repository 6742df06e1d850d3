/*
title: 监测对象：较昨日变动不过限
definition: 监测对象户数较昨日留存数的变动不超过参数 change.daily_limit (%); 昨日没有留存的不比
policy: warn
metrics: [monitored.total]
tables: [daily_figures, parameters]
refresh: day
*/
WITH (SELECT value FROM parameters FINAL WHERE name = 'change.daily_limit') AS allowed
SELECT region,
       if(kept = 0, '昨日为0, 今日不为0',
          concat('较昨日', if(households > kept, '增', '减'), toString(round(change, 1)), '%, 超过', toString(allowed), '%')) AS words,
       toFloat64(allowed) AS expected,
       toFloat64(change) AS actual
FROM
(
    SELECT d.region AS region,
           d.value AS kept,
           ifNull(t.households, 0) AS households,
           -- From none to some has no rate; it is more than any limit, and 100 where a number must stand.
           if(kept = 0, 100, 100 * abs(households - kept) / kept) AS change
    FROM daily_figures AS d FINAL
    LEFT JOIN "monitored.total" AS t ON t.scope = d.region
    WHERE d.metric = 'monitored.total' AND d.day = toDate({now:DateTime('Asia/Shanghai')}) - 1 AND d.line = '' AND d.figure = 'households'
)
WHERE if(kept = 0, households > 0 AND allowed IS NOT NULL, change > allowed)
ORDER BY length(region), region
