/*
title: 扶贫产品
unit: 个
definition: 登记的产品按类别划分; 认证率为已认证产品占登记产品的比例
policy: 国办发〔2018〕129号《关于深入开展消费扶贫助力打赢脱贫攻坚战的指导意见》
source: 新型帮扶体系子系统
tables: [products, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "产品不涉个人"}
columns:
  - {name: kind, title: 产品类别, type: code, codes: product_kind}
  - {name: products, title: 产品数, type: count, unit: 个}
  - {name: certified, title: 已认证, type: count, unit: 个}
  - {name: rate, title: 认证率, type: number, unit: "%"}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.kind) AS kind,
       sum(t.products) AS products,
       sum(t.certified) AS certified,
       100 * sum(t.certified) / nullIf(sum(t.products), 0) AS rate
FROM
(
    SELECT intDiv(village, 1000) AS township,
           kind,
           count() AS products,
           countIf(certified) AS certified
    FROM products FINAL
    GROUP BY township, kind
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, kind
