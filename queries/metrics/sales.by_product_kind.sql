/*
title: 产品销售类别
unit: 元
definition: 近三十日 (含今日) 的产品销售按产品类别划分; 产品未登记的不列
policy: 国办发〔2018〕129号《关于深入开展消费扶贫助力打赢脱贫攻坚战的指导意见》
source: 新型帮扶体系子系统
tables: [sales, products]
regions: [province, county, township]
rows: places
absent: zero
note: 产品未登记的不列
refresh: day
disclosure: {shown: "销售按产品计, 不涉买卖双方"}
columns:
  - {name: kind, title: 产品类别, type: code, codes: product_kind}
  - {name: sales, title: 笔数, type: count, unit: 笔}
  - {name: amount, title: 金额, type: money, unit: 元}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(s.village, 1000) AS place,
       p.kind AS kind,
       count() AS sales,
       sum(s.amount) AS amount
FROM (SELECT product, village, amount FROM sales FINAL WHERE toDate(at, 'Asia/Shanghai') BETWEEN today - 29 AND today) AS s
INNER JOIN (SELECT product, kind FROM products FINAL) AS p ON p.product = s.product
GROUP BY place, kind
