/*
title: 画像：年龄段人数合计 = 家庭人口
definition: 有画像的监测对象各年龄段人数之和等于家庭人口之和
policy: note
equal:
  expected:
    - {metric: profile.by_size}
  actual:
    - {metric: profile.by_age}
  figures:
    - {name: persons, unit: 人}
*/
