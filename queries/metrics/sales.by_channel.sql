/*
title: 产品销售渠道
unit: 元
definition: 今年以来的产品销售按渠道划分
policy: 国办发〔2018〕129号《关于深入开展消费扶贫助力打赢脱贫攻坚战的指导意见》
source: 新型帮扶体系子系统
tables: [sales_daily, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {shown: "销售按产品计, 不涉买卖双方"}
columns:
  - {name: channel, title: 销售渠道, type: code, codes: sales_channel}
  - {name: sales, title: 笔数, type: count, unit: 笔}
  - {name: amount, title: 金额, type: money, unit: 元}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.channel) AS channel,
       sum(t.sales) AS sales,
       sum(t.amount) AS amount
FROM
(
    SELECT township,
           channel,
           sum(sales) AS sales,
           sum(amount) AS amount
    FROM sales_daily
    WHERE day BETWEEN toStartOfYear(today) AND today
    GROUP BY township, channel
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, channel
