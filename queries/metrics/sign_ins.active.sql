/*
title: 活跃账号
unit: 个
definition: 启用的账号中近七日 (含今日) 登录过的; 活跃率为其占启用账号的比例
policy: GB/T 22239-2019《信息安全技术 网络安全等级保护基本要求》; 统计口径为工作值
source: 网格化运行维护子系统
tables: [sign_ins, accounts]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "账号属工作人员, 不涉农户"}
columns:
  - {name: active, title: 活跃账号, type: count, unit: 个}
  - {name: enabled, title: 启用账号, type: count, unit: 个}
  - {name: rate, title: 活跃率, type: number, unit: "%", ratio: {of: active, to: enabled, times: 100}}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT region AS place,
       countIf(account IN
       (
           SELECT account
           FROM sign_ins FINAL
           WHERE toDate(at, 'Asia/Shanghai') BETWEEN today - 6 AND today
       )) AS active,
       count() AS enabled
FROM accounts FINAL
WHERE state = 'enabled'
GROUP BY place
