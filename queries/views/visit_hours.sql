/*
title: 走访时点
about: how many visits each township reported in each of the 24 full hours before the present one
tables: [visits]
refresh: hour
*/
WITH {now:DateTime('Asia/Shanghai')} AS this_hour
SELECT intDiv(village, 1000) AS place,
       toStartOfHour(toDateTime(at, 'Asia/Shanghai')) AS began,
       count() AS visits
FROM visits FINAL
-- Before rows that arrived twice are found, most of which are of the present hour: the
-- time is part of what they are known by.
PREWHERE at >= this_hour - INTERVAL 24 HOUR AND at < this_hour
WHERE toDate(at, 'Asia/Shanghai') >= toDate(this_hour - INTERVAL 24 HOUR)
GROUP BY place, began
