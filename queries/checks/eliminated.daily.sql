/*
title: 消除：比上一日变动
definition: 风险消除户数与昨日存下的相比, 变动超过参数 change.daily_limit 的提示核对; 昨日没有存数或为零的不比
policy: warn
metrics: [risk.eliminated]
tables: [daily_figures, parameters]
refresh: day
*/
WITH (SELECT value FROM parameters FINAL WHERE name = 'change.daily_limit') AS daily_limit
SELECT y.region AS region,
       concat('比昨日', if(today_households > y.households, '增', '减'), toString(toInt64(abs(today_households - y.households))), '户, 超过',
              toString(daily_limit), '%') AS words,
       y.households AS expected,
       today_households AS actual
FROM
(
    SELECT region, value AS households
    FROM daily_figures FINAL
    WHERE metric = 'risk.eliminated' AND line = '' AND figure = 'households'
      AND day = toDate({now:DateTime('Asia/Shanghai')}) - 1
      AND value > 0
) AS y
LEFT JOIN (SELECT scope, assumeNotNull(households) AS households FROM "risk.eliminated") AS t ON t.scope = y.region
WHERE abs((t.households AS today_households) - y.households) > y.households * daily_limit / 100
ORDER BY length(region), region
