/*
title: 待办：超期不多于待办
definition: 各环节超期的线索不多于该环节待办的; 待办数与环节划分一致
policy: hold
metrics: [backlog.by_stage, backlog.overdue]
*/
SELECT region,
       if(open != counted, concat('不平, 差', toString(abs(open - counted)), '条'), concat('超期多于待办, 多', toString(over), '条')) AS words,
       toFloat64(open) AS expected,
       toFloat64(if(open != counted, counted, open + over)) AS actual
FROM
(
    SELECT scope AS region,
           toInt64(sum(open)) AS open,
           toInt64(sum(counted)) AS counted,
           toInt64(sum(over)) AS over
    FROM
    (
        SELECT scope, ifNull(households, 0) AS open, 0 AS counted, 0 AS over FROM "backlog.by_stage"
        UNION ALL
        SELECT scope, 0 AS open, ifNull(leads, 0) AS counted, greatest(ifNull(overdue, 0) - counted, 0) AS over FROM "backlog.overdue"
    )
    GROUP BY region
)
WHERE open != counted OR over > 0
ORDER BY length(region), region
