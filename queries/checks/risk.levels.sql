/*
title: 风险等级：三级合计 = 已研判
definition: 红、黄、绿三级监测对象之和等于已研判的监测对象; 没有分数线时不比
policy: warn
equal:
  expected:
    - {metric: risk.assessed, unless: risk.by_level}
  actual:
    - {metric: risk.by_level}
  figures:
    - {name: households, unit: 户}
*/
