/*
title: 登录趋势
unit: 次
definition: 近三十日 (含今日) 每日登录次数, 及其中网页与手机登录的
policy: GB/T 22239-2019《信息安全技术 网络安全等级保护基本要求》; 统计口径为工作值
source: 网格化运行维护子系统
tables: [sign_ins_daily, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {shown: "账号属工作人员, 不涉农户"}
columns:
  - {name: day, title: 日期, type: date}
  - {name: sign_ins, title: 登录, type: count, unit: 次}
  - {name: web, title: 网页, type: count, unit: 次}
  - {name: app, title: 手机, type: count, unit: 次}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT toString(arrayJoin(if(r.code = 0, [province], arrayDistinct([r.code, r.parent, province])))) AS scope,
       toString(t.day) AS day,
       sum(t.sign_ins) AS sign_ins,
       sum(t.web) AS web,
       sum(t.app) AS app
FROM
(
    SELECT region,
           day,
           sum(sign_ins_daily.sign_ins) AS sign_ins,
           sumIf(sign_ins_daily.sign_ins, client = 'web') AS web,
           sumIf(sign_ins_daily.sign_ins, client = 'app') AS app
    FROM sign_ins_daily
    WHERE day BETWEEN today - 29 AND today
    GROUP BY region, day
    UNION ALL
    -- Zeros, so that every region has every day.
    SELECT code AS region, day, 0, 0, 0
    FROM regions FINAL
    ARRAY JOIN arrayMap(i -> today - (29 - i), range(30)) AS day
    WHERE applicable AND level != 'village'
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level IN ('county', 'township')) AS r ON r.code = t.region
GROUP BY scope, day
ORDER BY scope, day
