/*
title: 线索：各等级合计 = 总数
definition: 红、黄、绿与未定级的线索之和等于各渠道的线索之和
policy: hold
metrics: [leads.by_channel, leads.by_level]
*/
SELECT region,
       concat('不平, 差', toString(abs(expected_total - actual_total)), '条') AS words,
       toFloat64(expected_total) AS expected,
       toFloat64(actual_total) AS actual
FROM
(
    SELECT scope AS region,
           sumIf(toInt64(ifNull(figure, 0)), side = 'expected') AS expected_total,
           sumIf(toInt64(ifNull(figure, 0)), side = 'actual') AS actual_total
    FROM
    (
        SELECT 'expected' AS side, scope, households AS figure FROM "leads.by_channel"
        UNION ALL
        SELECT 'actual' AS side, scope, leads AS figure FROM "leads.by_level"
    )
    GROUP BY region
)
WHERE expected_total != actual_total
ORDER BY length(region), region
