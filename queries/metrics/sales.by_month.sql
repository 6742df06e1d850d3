/*
title: 产品销售趋势
unit: 元
definition: 近十二个月 (含本月至今) 各月的产品销售笔数与金额, 月份按北京时间
policy: 国办发〔2018〕129号《关于深入开展消费扶贫助力打赢脱贫攻坚战的指导意见》
source: 新型帮扶体系子系统
tables: [sales_daily, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {shown: "销售按产品计, 不涉买卖双方"}
columns:
  - {name: month, title: 月份, type: date}
  - {name: sales, title: 笔数, type: count, unit: 笔}
  - {name: amount, title: 金额, type: money, unit: 元}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.month) AS month,
       sum(t.sales) AS sales,
       sum(t.amount) AS amount
FROM
(
    SELECT township,
           toStartOfMonth(day) AS month,
           sum(sales) AS sales,
           sum(amount) AS amount
    FROM sales_daily
    WHERE day BETWEEN toStartOfMonth(today) - toIntervalMonth(11) AND today
    GROUP BY township, month
    UNION ALL
    -- Zeros, so that every region has every month.
    SELECT code AS township, month, 0, 0
    FROM regions FINAL
    ARRAY JOIN arrayMap(i -> toStartOfMonth(today) - toIntervalMonth(11 - i), range(12)) AS month
    WHERE level = 'township' AND applicable
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, month
ORDER BY scope, month
