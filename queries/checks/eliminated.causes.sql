/*
title: 消除：各首要风险合计 = 风险消除
definition: 风险消除户按首要风险划分, 各项户数与人数之和等于风险消除
policy: hold
equal:
  expected:
    - {metric: risk.eliminated}
  actual:
    - {metric: eliminated.by_cause}
  figures:
    - {name: households, unit: 户}
    - {name: persons, unit: 人}
*/
