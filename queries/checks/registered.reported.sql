/*
title: 建档立卡：分项合计 = 上报总数
definition: 逐户计数的三档之和等于上报总数; 不等时照报不改, 只说明差额
policy: note
equal:
  expected:
    - {metric: registered.total}
  actual:
    - {metric: registered.by_stability, in: registered.total}
  figures:
    - {name: households, unit: 户}
    - {name: persons, unit: 人}
*/
