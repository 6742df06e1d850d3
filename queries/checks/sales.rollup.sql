/*
title: 产品销售：明细 = 日汇总
definition: 近三十日销售明细的笔数与金额等于销售日汇总的
policy: warn
metrics: [sales.recent_rows]
*/
SELECT region,
       concat('不平, ', arrayStringConcat(arrayFilter(w -> w != '',
       [
           if(e_sales = a_sales, '', concat('笔数差', toString(abs(e_sales - a_sales)), '笔')),
           if(e_amount = a_amount, '', concat('金额差', toString(abs(e_amount - a_amount)), '元'))
       ]), ', ')) AS words,
       toFloat64(multiIf(e_sales != a_sales, e_sales, e_amount)) AS expected,
       toFloat64(multiIf(e_sales != a_sales, a_sales, a_amount)) AS actual
FROM
(
    SELECT scope AS region,
           sumIf(toInt64(ifNull(sales, 0)), side = 'expected') AS e_sales,
           sumIf(toInt64(ifNull(sales, 0)), side = 'actual') AS a_sales,
           sumIf(toInt64(ifNull(amount, 0)), side = 'expected') AS e_amount,
           sumIf(toInt64(ifNull(amount, 0)), side = 'actual') AS a_amount
    FROM
    (
        SELECT 'expected' AS side, scope, sales, amount
        FROM "sales.recent_rows"
        UNION ALL
        SELECT 'actual' AS side, scope, daily_sales AS sales, daily_amount AS amount
        FROM "sales.recent_rows"
    )
    GROUP BY region
)
WHERE e_sales != a_sales OR e_amount != a_amount
ORDER BY length(region), region
