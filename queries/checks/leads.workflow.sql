/*
title: 线索：待办 + 已办结 = 总数
definition: 待办、已识别与已关闭的线索之和等于收到的全部线索; 不等说明有线索没有环节记录, 或环节记录没有线索
policy: warn
equal:
  expected:
    - {metric: leads.by_channel, take: {leads: households}}
  actual:
    - {metric: backlog.by_stage, take: {leads: households}}
    - {metric: leads.settled, take: {leads: recognised + closed}}
  figures:
    - {name: leads, unit: 条}
  over: 线索多于环节记录
  under: 环节记录多于线索
*/
