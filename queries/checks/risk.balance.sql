/*
title: 风险：消除 + 未消除 = 总数
definition: 风险已消除与未消除的监测对象之和等于监测对象总数
policy: hold
equal:
  expected:
    - {metric: monitored.total}
  actual:
    - {metric: risk.eliminated}
    - {metric: risk.remaining}
  figures:
    - {name: households, unit: 户}
    - {name: persons, unit: 人}
*/
