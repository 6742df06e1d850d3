/*
title: 产品销售趋势
unit: 元
definition: 近十二个月 (含本月至今) 各月的产品销售笔数与金额, 月份按北京时间
policy: 国办发〔2018〕129号《关于深入开展消费扶贫助力打赢脱贫攻坚战的指导意见》
source: 新型帮扶体系子系统
tables: [sales_daily]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "销售按产品计, 不涉买卖双方"}
columns:
  - {name: month, title: 月份, type: date, last: {months: 12}}
  - {name: sales, title: 笔数, type: count, unit: 笔}
  - {name: amount, title: 金额, type: money, unit: 元}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT township AS place,
       toString(toStartOfMonth(day)) AS month,
       sum(sales_daily.sales) AS sales,
       sum(sales_daily.amount) AS amount
FROM sales_daily
WHERE day BETWEEN toStartOfMonth(today) - toIntervalMonth(11) AND today
GROUP BY place, month
