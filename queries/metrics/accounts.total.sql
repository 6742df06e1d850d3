/*
title: 平台账号
unit: 个
definition: 累计下发的平台账号, 及其中启用的
policy: GB/T 22239-2019《信息安全技术 网络安全等级保护基本要求》; 统计口径为工作值
source: 网格化运行维护子系统
tables: [accounts]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "账号属工作人员, 不涉农户"}
daily: true
columns:
  - {name: accounts, title: 账号数, type: count, unit: 个}
  - {name: enabled, title: 启用, type: count, unit: 个}
*/
SELECT region AS place,
       count() AS accounts,
       countIf(state = 'enabled') AS enabled
FROM accounts FINAL
GROUP BY region
