/*
title: 识别日
about: how many households were recognised in each township on each day before the present one
tables: [household_states]
refresh: day
*/
SELECT place,
       toDate(recognised_at, 'Asia/Shanghai') AS date,
       count() AS households
FROM household_states
WHERE date < toDate({now:DateTime('Asia/Shanghai')})
GROUP BY place, date
