/*
title: 线索：较昨日变动不过限
definition: 线索总数较昨日留存数的变动不超过参数 change.daily_limit (%); 昨日没有留存的不比
policy: note
metrics: [leads.by_channel]
tables: [daily_figures, parameters]
refresh: day
*/
WITH (SELECT value FROM parameters FINAL WHERE name = 'change.daily_limit') AS allowed
SELECT region,
       if(kept = 0, '昨日为0, 今日不为0', concat('较昨日', if(leads > kept, '增', '减'), toString(round(change, 1)), '%, 超过', toString(allowed), '%')) AS words,
       toFloat64(kept) AS expected,
       toFloat64(leads) AS actual
FROM
(
    SELECT y.region AS region,
           y.kept AS kept,
           t.leads AS leads,
           100 * abs(leads - kept) / kept AS change
    FROM
    (
        SELECT region, sum(value) AS kept
        FROM daily_figures FINAL
        WHERE metric = 'leads.by_channel' AND day = toDate({now:DateTime('Asia/Shanghai')}) - 1 AND figure = 'households'
        GROUP BY region
    ) AS y
    LEFT JOIN
    (
        -- A region without a row has no leads: 0.
        SELECT scope, sum(assumeNotNull(households)) AS leads
        FROM "leads.by_channel"
        GROUP BY scope
    ) AS t ON t.scope = y.region
)
WHERE change > allowed
ORDER BY length(region), region
