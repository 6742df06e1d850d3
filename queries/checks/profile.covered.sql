/*
title: 画像：有画像 + 缺画像 = 监测对象
definition: 有画像与缺画像的监测对象之和等于监测对象总数
policy: warn
equal:
  expected:
    - {metric: monitored.total}
  actual:
    - {metric: profile.coverage}
  figures:
    - {name: households, unit: 户}
    - {name: persons, unit: 人}
*/
