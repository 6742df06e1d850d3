/*
title: 应急：再评估合计 = 受影响户数
definition: 最近事件各再评估结果的户数之和等于受影响户数
policy: hold
equal:
  expected:
    - {metric: emergency.relief}
  actual:
    - {metric: emergency.reassessment}
  figures:
    - {name: households, unit: 户}
*/
