/*
title: 应急：下级合计 = 本级
definition: 最近事件各市县的受影响户数与损失之和等于全省, 各乡镇之和等于市县
policy: warn
metrics: [emergency.relief, emergency.by_region]
*/
SELECT region,
       concat('不平, ', arrayStringConcat(arrayFilter(w -> w != '',
       [
           if(e_households = a_households, '', concat('受影响差', toString(abs(e_households - a_households)), '户')),
           if(e_loss = a_loss, '', concat('损失差', toString(abs(e_loss - a_loss)), '元'))
       ]), ', ')) AS words,
       toFloat64(multiIf(e_households != a_households, e_households, e_loss)) AS expected,
       toFloat64(multiIf(e_households != a_households, a_households, a_loss)) AS actual
FROM
(
    SELECT scope AS region,
           sumIf(toInt64(ifNull(households, 0)), side = 'expected') AS e_households,
           sumIf(toInt64(ifNull(households, 0)), side = 'actual') AS a_households,
           sumIf(toInt64(ifNull(loss, 0)), side = 'expected') AS e_loss,
           sumIf(toInt64(ifNull(loss, 0)), side = 'actual') AS a_loss
    FROM
    (
        SELECT 'expected' AS side, scope, households, loss
        FROM "emergency.relief"
        WHERE length(scope) = 6
        UNION ALL
        SELECT 'actual' AS side, scope, households, loss
        FROM "emergency.by_region"
    )
    GROUP BY region
)
WHERE e_households != a_households OR e_loss != a_loss
ORDER BY length(region), region
