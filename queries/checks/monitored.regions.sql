/*
title: 监测对象：下级合计 = 本级
definition: 各市县之和等于全省, 各乡镇之和等于市县
policy: warn
equal:
  expected:
    - {metric: monitored.total, above: true}
  actual:
    - {metric: monitored.by_region}
  figures:
    - {name: households, unit: 户}
    - {name: persons, unit: 人}
*/
