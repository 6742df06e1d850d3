/*
title: 昨日数
unit: 个
definition: 每日留存的单行指标在昨日终了时的数, 按指标与列; 昨日没有留存的不列, 当时不显示的也没有
policy: 系统内部留存
source: 数据分析子系统
tables: [daily_figures]
regions: [province, county]
absent: missing
refresh: day
disclosure: {shown: "留存的是当时已经显示的数"}
columns:
  - {name: figure, title: 指标与列, type: text}
  - {name: value, title: 昨日数, type: number, unit: 个}
*/
SELECT region AS scope,
       concat(metric, '/', figure) AS figure,
       value
FROM daily_figures FINAL
WHERE day = toDate({now:DateTime('Asia/Shanghai')}) - 1 AND line = ''
ORDER BY scope, figure
