/*
title: 登录：网页 + 手机 = 合计
definition: 近三十日网页与手机登录之和等于登录次数
policy: warn
equal:
  expected:
    - {metric: sign_ins.by_day}
  actual:
    - {metric: sign_ins.by_day, take: {sign_ins: web}}
    - {metric: sign_ins.by_day, take: {sign_ins: app}}
  figures:
    - {name: sign_ins, unit: 次}
*/
