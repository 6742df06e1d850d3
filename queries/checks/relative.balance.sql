/*
title: 相对贫困：纳入 − 改善退出 − 转常态化 = 在册
definition: 有记录以来纳入的户次, 减去改善退出与转常态化监测的, 等于在册户数; 只比全省, 因为农户迁居后在另一市县退出
policy: warn
metrics: [relative.stock, relative.all_events]
*/
-- Warned and not held: the sides are of one table, but a household that enters twice
-- in the sender's records must not stop the wall.
SELECT region,
       concat('不平, 差', toString(abs(balance - stock)), '户') AS words,
       toFloat64(balance) AS expected,
       toFloat64(stock) AS actual
FROM
(
    -- A side without rows is 0; its sum alone would be NULL, which differs from nothing.
    SELECT scope AS region,
           sumIf(toInt64(ifNull(households, 0)), side = 'event') AS balance,
           sumIf(toInt64(ifNull(households, 0)), side = 'stock') AS stock
    FROM
    (
        SELECT 'event' AS side, scope, if(event = 'entered', 1, -1) * households AS households FROM "relative.all_events"
        UNION ALL
        SELECT 'stock' AS side, scope, households FROM "relative.stock"
    )
    WHERE scope LIKE '%0000' AND length(scope) = 6
    GROUP BY region
)
WHERE balance != stock
ORDER BY length(region), region
