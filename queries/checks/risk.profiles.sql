/*
title: 风险研判：已研判 + 无画像 = 未消除
definition: 已研判的与没有画像的监测对象之和等于风险未消除的监测对象
policy: warn
equal:
  expected:
    - {metric: risk.remaining}
  actual:
    - {metric: risk.assessed, take: {households: households + without}}
  figures:
    - {name: households, unit: 户}
*/
