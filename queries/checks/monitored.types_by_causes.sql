/*
title: 监测对象：各类型的首要风险合计 = 该类型
definition: 每一类监测对象在各首要风险下的户数之和等于该类户数
policy: hold
equal:
  expected:
    # The cross table is not made for townships, nor where monitoring does not apply.
    - {metric: monitored.by_type, in: monitored.by_type_and_cause}
  actual:
    - {metric: monitored.by_type_and_cause}
  figures:
    - {name: households, unit: 户}
  by: type
*/
