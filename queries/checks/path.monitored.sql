/*
title: 识别路径：监测对象 = 风险未消除
definition: 全量农户中列为监测对象的户数与人数, 等于监测名单上风险尚未消除的
policy: warn
equal:
  expected:
    - {metric: risk.remaining}
  actual:
    - {metric: path.by_standing, where: {standing: monitored}}
  figures:
    - {name: households, unit: 户}
    - {name: persons, unit: 人}
*/
