/*
title: 线索：各等级合计 = 总数
definition: 红、黄、绿与未定级的线索之和等于各渠道的线索之和
policy: hold
equal:
  expected:
    - {metric: leads.by_channel, take: {leads: households}}
  actual:
    - {metric: leads.by_level}
  figures:
    - {name: leads, unit: 条}
*/
