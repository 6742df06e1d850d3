/*
title: 应急：下级合计 = 本级
definition: 最近事件各市县的受影响户数与损失之和等于全省, 各乡镇之和等于市县
policy: warn
equal:
  expected:
    - {metric: emergency.relief, above: true}
  actual:
    - {metric: emergency.by_region}
  figures:
    - {name: households, unit: 户, label: 受影响}
    - {name: loss, unit: 元, label: 损失}
*/
