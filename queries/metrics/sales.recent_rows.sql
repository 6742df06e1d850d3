/*
title: 销售明细与日汇总
unit: 笔
definition: 近三十日 (含今日) 的销售明细与销售日汇总各自的笔数和金额, 供核对：重复送达的明细在汇总里会多计
policy: 系统内部勾稽
source: 新型帮扶体系子系统
tables: [sales, sales_daily]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "销售按产品计, 不涉买卖双方"}
columns:
  - {name: sales, title: 明细笔数, type: count, unit: 笔}
  - {name: amount, title: 明细金额, type: money, unit: 元}
  - {name: daily_sales, title: 汇总笔数, type: count, unit: 笔}
  - {name: daily_amount, title: 汇总金额, type: money, unit: 元}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(village, 1000) AS place,
       count() AS sales,
       sum(amount) AS amount,
       0 AS daily_sales,
       0 AS daily_amount
FROM sales FINAL
WHERE toDate(at, 'Asia/Shanghai') BETWEEN today - 29 AND today
GROUP BY place
UNION ALL
SELECT township, 0, 0, sum(sales_daily.sales), sum(sales_daily.amount)
FROM sales_daily
WHERE day BETWEEN today - 29 AND today
GROUP BY township
