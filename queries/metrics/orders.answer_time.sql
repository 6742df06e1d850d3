/*
title: 工单答复用时
unit: 小时
definition: 近九十日 (含今日) 答复的工单从受理到答复的小时数, 按受理渠道取中位数; 没有答复的渠道不算
policy: 国办发〔2020〕53号《关于进一步优化地方政务服务便民热线的指导意见》
source: 农户信息服务子系统
tables: [work_orders, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {shown: "工单按来电来访计数, 不涉农户状况"}
columns:
  - {name: door, title: 受理渠道, type: code, codes: door}
  - {name: orders, title: 工单数, type: count, unit: 件}
  - {name: hours, title: 中位用时, type: number, unit: 小时}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.door) AS door,
       count() AS orders,
       quantileExactInclusive(0.5)(t.hours) AS hours
FROM
(
    SELECT intDiv(village, 1000) AS township,
           door,
           dateDiff('millisecond', opened_at, assumeNotNull(answered_at)) / 3600000 AS hours
    FROM work_orders FINAL
    WHERE toDate(answered_at, 'Asia/Shanghai') BETWEEN today - 89 AND today
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, door
