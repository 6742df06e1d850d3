/*
title: 全量农户：收入分档合计 = 全量农户
definition: 各收入档的户数与人数之和等于全量农户; 没有监测收入线时不比
policy: hold
equal:
  expected:
    - {metric: path.by_standing, unless: rural.by_income}
  actual:
    - {metric: rural.by_income}
  figures:
    - {name: households, unit: 户}
    - {name: persons, unit: 人}
*/
