/*
title: 消除：帮扶 + 自然 = 风险消除
definition: 按最近一次事件计的帮扶消除与自然消除之和, 等于状态为风险消除的监测对象
policy: warn
equal:
  expected:
    - {metric: risk.eliminated}
  actual:
    - {metric: eliminated.by_kind}
  figures:
    - {name: households, unit: 户}
    - {name: persons, unit: 人}
*/
