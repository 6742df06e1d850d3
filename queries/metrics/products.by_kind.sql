/*
title: 扶贫产品
unit: 个
definition: 登记的产品按类别划分; 认证率为已认证产品占登记产品的比例
policy: 国办发〔2018〕129号《关于深入开展消费扶贫助力打赢脱贫攻坚战的指导意见》
source: 新型帮扶体系子系统
tables: [products]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "产品不涉个人"}
columns:
  - {name: kind, title: 产品类别, type: code, codes: product_kind}
  - {name: products, title: 产品数, type: count, unit: 个}
  - {name: certified, title: 已认证, type: count, unit: 个}
  - {name: rate, title: 认证率, type: number, unit: "%", ratio: {of: certified, to: products, times: 100}}
*/
SELECT intDiv(village, 1000) AS place,
       kind,
       count() AS products,
       countIf(products.certified) AS certified
FROM products FINAL
GROUP BY place, kind
