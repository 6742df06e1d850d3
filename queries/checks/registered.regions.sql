/*
title: 建档立卡：下级合计 = 本级
definition: 各市县之和等于全省, 各乡镇之和等于市县
policy: warn
equal:
  expected:
    - {metric: registered.by_stability, above: true}
  actual:
    - {metric: registered.by_region}
  figures:
    - {name: households, unit: 户}
    - {name: persons, unit: 人}
*/
