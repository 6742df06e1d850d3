/*
title: 产品销售渠道
unit: 元
definition: 今年以来的产品销售按渠道划分
policy: 国办发〔2018〕129号《关于深入开展消费扶贫助力打赢脱贫攻坚战的指导意见》
source: 新型帮扶体系子系统
tables: [sales_daily]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "销售按产品计, 不涉买卖双方"}
columns:
  - {name: channel, title: 销售渠道, type: code, codes: sales_channel}
  - {name: sales, title: 笔数, type: count, unit: 笔}
  - {name: amount, title: 金额, type: money, unit: 元}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT township AS place,
       channel,
       sum(sales) AS sales,
       sum(amount) AS amount
FROM sales_daily
WHERE day BETWEEN toStartOfYear(today) AND today
GROUP BY place, channel
