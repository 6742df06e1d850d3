/*
title: 画像：家庭规模合计 = 有画像户数
definition: 各档家庭规模的户数之和等于有画像的监测对象户数
policy: warn
equal:
  expected:
    - {metric: profile.coverage, where: {coverage: with_profile}}
  actual:
    - {metric: profile.by_size}
  figures:
    - {name: households, unit: 户}
*/
