/*
title: 线索：待办 + 已办结 = 总数
definition: 待办、已识别与已关闭的线索之和等于收到的全部线索; 不等说明有线索没有环节记录, 或环节记录没有线索
policy: warn
metrics: [leads.by_channel, leads.settled, backlog.by_stage]
*/
SELECT region,
       concat('不平, 差', toString(abs(expected_total - actual_total)), '条, ', if(expected_total > actual_total, '线索多于环节记录', '环节记录多于线索')) AS words,
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
        SELECT 'actual' AS side, scope, households AS figure FROM "backlog.by_stage"
        UNION ALL
        SELECT 'actual' AS side, scope, recognised + closed AS figure FROM "leads.settled"
    )
    GROUP BY region
)
WHERE expected_total != actual_total
ORDER BY length(region), region
