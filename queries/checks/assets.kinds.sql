/*
title: 扶贫资产：种类合计 + 种类不明 = 总量
definition: 各种类资产数之和加上种类不明的资产数等于资产总量
policy: warn
equal:
  expected:
    - {metric: assets.total}
  actual:
    - {metric: assets.by_kind}
    - {metric: assets.total, take: {assets: kind_unknown}}
  figures:
    - {name: assets, unit: 项}
*/
