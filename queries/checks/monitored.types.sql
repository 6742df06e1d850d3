/*
title: 监测对象：三类合计 = 总数
definition: 三类监测对象的户数与人数之和等于监测对象总数
policy: hold
equal:
  expected:
    - {metric: monitored.total}
  actual:
    - {metric: monitored.by_type}
  figures:
    - {name: households, unit: 户}
    - {name: persons, unit: 人}
*/
