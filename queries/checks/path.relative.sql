/*
title: 识别路径：相对贫困对象 = 相对贫困监测在册
definition: 全量农户中列为相对贫困对象的户数与人数, 等于相对贫困监测中的
policy: warn
equal:
  expected:
    - {metric: relative.stock}
  actual:
    - {metric: path.by_standing, where: {standing: relative}}
  figures:
    - {name: households, unit: 户}
    - {name: persons, unit: 人}
*/
