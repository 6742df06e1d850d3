/*
title: 线索上报日
about: how many leads were reported in each township on each day before the present one
tables: [leads]
refresh: day
*/
SELECT intDiv(village, 1000) AS place,
       toDate(reported_at, 'Asia/Shanghai') AS date,
       count() AS leads
FROM leads FINAL
WHERE date < toDate({now:DateTime('Asia/Shanghai')})
GROUP BY place, date
