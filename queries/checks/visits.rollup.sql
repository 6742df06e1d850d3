/*
title: 走访：逐条 = 日汇总
definition: 近30日走访记录逐条计数等于日汇总; 日汇总多出的是重复送达的记录
policy: warn
equal:
  expected:
    - {metric: visits.recent_rows, take: {visits: rows}}
  actual:
    - {metric: visits.recent_rows, take: {visits: rolled}}
  figures:
    - {name: visits, unit: 条}
  over: 日汇总少于逐条
  under: 日汇总多于逐条
*/
