/*
title: 监测对象：首要风险合计 = 总数
definition: 首要风险各项的户数与人数之和等于监测对象总数
policy: hold
equal:
  expected:
    - {metric: monitored.total}
  actual:
    - {metric: monitored.by_first_cause}
  figures:
    - {name: households, unit: 户}
    - {name: persons, unit: 人}
*/
