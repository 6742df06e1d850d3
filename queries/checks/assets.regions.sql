/*
title: 扶贫资产：下级合计 = 本级
definition: 各市县之和等于全省, 各乡镇之和等于市县
policy: warn
equal:
  expected:
    - {metric: assets.total, above: true}
  actual:
    - {metric: assets.by_region}
  figures:
    - {name: assets, unit: 项, label: 资产}
    - {name: original_value, unit: 元, label: 原值}
    - {name: net_value, unit: 元, label: 净值}
*/
