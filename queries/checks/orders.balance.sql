/*
title: 农户工单：已答复 + 在办 = 受理
definition: 近三十日受理的工单：按渠道计的已答复数加上按事由计的在办数, 等于按日计的受理数
policy: hold
metrics: [orders.by_day, orders.by_door, orders.by_topic]
*/
SELECT region,
       concat('不平, 差', toString(abs(e_orders - a_orders)), '件') AS words,
       toFloat64(e_orders) AS expected,
       toFloat64(a_orders) AS actual
FROM
(
    SELECT scope AS region,
           sumIf(toInt64(ifNull(orders, 0)), side = 'expected') AS e_orders,
           sumIf(toInt64(ifNull(orders, 0)), side = 'actual') AS a_orders
    FROM
    (
        SELECT 'expected' AS side, scope, opened AS orders
        FROM "orders.by_day"
        UNION ALL
        SELECT 'actual' AS side, scope, answered AS orders
        FROM "orders.by_door"
        UNION ALL
        SELECT 'actual' AS side, scope, open AS orders
        FROM "orders.by_topic"
    )
    GROUP BY region
)
WHERE e_orders != a_orders
ORDER BY length(region), region
