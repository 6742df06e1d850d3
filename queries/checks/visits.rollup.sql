/*
title: 走访：逐条 = 日汇总
definition: 近30日走访记录逐条计数等于日汇总; 日汇总多出的是重复送达的记录
policy: warn
metrics: [visits.recent_rows]
*/
SELECT scope AS region,
       concat('不平, 日汇总', if(rolled > rows, '多', '少'), toString(toInt64(abs(rolled - rows))), '条') AS words,
       toFloat64(assumeNotNull(rows)) AS expected,
       toFloat64(assumeNotNull(rolled)) AS actual
FROM "visits.recent_rows"
WHERE rows != rolled
ORDER BY length(region), region
