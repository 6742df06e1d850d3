/*
title: 线索：逐日合计 = 近30日上报数
definition: 近30日每日各渠道线索之和等于这30日上报的线索数; 全省
policy: hold
metrics: [leads.by_day]
tables: [leads, regions]
refresh: day
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today,
     toString((SELECT max(code) FROM regions FINAL WHERE level = 'province')) AS province,
     toInt64((SELECT count() FROM leads FINAL WHERE toDate(reported_at, 'Asia/Shanghai') BETWEEN today - 29 AND today)) AS reported,
     (SELECT toInt64(sum(self_report + grassroots + department + other)) FROM "leads.by_day" WHERE scope = province) AS by_day
SELECT province AS region,
       concat('不平, 差', toString(abs(reported - by_day)), '条') AS words,
       toFloat64(reported) AS expected,
       toFloat64(by_day) AS actual
WHERE reported != by_day
