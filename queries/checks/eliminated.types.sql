/*
title: 消除：三类合计 = 风险消除
definition: 风险消除户按三类划分, 户数与人数之和等于风险消除
policy: hold
equal:
  expected:
    - {metric: risk.eliminated}
  actual:
    - {metric: eliminated.by_type}
  figures:
    - {name: households, unit: 户}
    - {name: persons, unit: 人}
*/
