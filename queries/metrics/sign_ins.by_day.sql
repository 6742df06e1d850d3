/*
title: 登录趋势
unit: 次
definition: 近三十日 (含今日) 每日登录次数, 及其中网页与手机登录的
policy: GB/T 22239-2019《信息安全技术 网络安全等级保护基本要求》; 统计口径为工作值
source: 网格化运行维护子系统
tables: [sign_ins_daily]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "账号属工作人员, 不涉农户"}
columns:
  - {name: day, title: 日期, type: date, last: {days: 30}}
  - {name: sign_ins, title: 登录, type: count, unit: 次}
  - {name: web, title: 网页, type: count, unit: 次}
  - {name: app, title: 手机, type: count, unit: 次}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT region AS place,
       toString(sign_ins_daily.day) AS day,
       sum(sign_ins_daily.sign_ins) AS sign_ins,
       sumIf(sign_ins_daily.sign_ins, client = 'web') AS web,
       sumIf(sign_ins_daily.sign_ins, client = 'app') AS app
FROM sign_ins_daily
WHERE sign_ins_daily.day BETWEEN today - 29 AND today
GROUP BY place, day
