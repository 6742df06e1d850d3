-- What days ended with, as daily metrics are kept.
SELECT day, line, figure, value
FROM daily_figures FINAL
WHERE metric = {metric:String} AND region = {region:String} AND day >= {from:Date} AND day < {until:Date}
ORDER BY day, line, figure
LIMIT 20000
