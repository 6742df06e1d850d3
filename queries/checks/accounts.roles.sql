/*
title: 平台账号：角色合计 = 总数
definition: 各角色启用与停用的账号之和等于账号总数, 启用的之和等于启用总数
policy: hold
equal:
  expected:
    - {metric: accounts.total}
  actual:
    - {metric: accounts.by_role, take: {accounts: enabled + disabled}}
  figures:
    - {name: accounts, unit: 个, label: 账号}
    - {name: enabled, unit: 个, label: 启用}
*/
