/*
title: 平台账号角色
unit: 个
definition: 平台账号按角色划分, 启用与停用分列
policy: GB/T 22239-2019《信息安全技术 网络安全等级保护基本要求》; 统计口径为工作值
source: 网格化运行维护子系统
tables: [accounts]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "账号属工作人员, 不涉农户"}
columns:
  - {name: role, title: 角色, type: code, codes: account_role}
  - {name: enabled, title: 启用, type: count, unit: 个}
  - {name: disabled, title: 停用, type: count, unit: 个}
*/
SELECT region AS place,
       role,
       countIf(state = 'enabled') AS enabled,
       countIf(state = 'disabled') AS disabled
FROM accounts FINAL
GROUP BY region, role
