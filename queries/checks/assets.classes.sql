/*
title: 扶贫资产：三类合计 = 总量
definition: 三类资产的项数、原值与净值之和等于资产总量
policy: hold
equal:
  expected:
    - {metric: assets.total}
  actual:
    - {metric: assets.by_class}
  figures:
    - {name: assets, unit: 项, label: 资产}
    - {name: original_value, unit: 元, label: 原值}
    - {name: net_value, unit: 元, label: 净值}
*/
