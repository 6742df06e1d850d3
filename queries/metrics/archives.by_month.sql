/*
title: 档案收集与归档
unit: 卷
definition: 近十二个月 (含本月至今) 各月开始收集和归档的案卷, 其后销毁的也计入
policy: 《中华人民共和国档案法》
source: 档案在线收集子系统
tables: [archives]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "案卷不涉农户状况"}
columns:
  - {name: month, title: 月份, type: date, last: {months: 12}}
  - {name: collected, title: 收集, type: count, unit: 卷}
  - {name: archived, title: 归档, type: count, unit: 卷}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT region AS place,
       toString(event.1) AS month,
       countIf(event.2 = 'collected') AS collected,
       countIf(event.2 = 'archived') AS archived
FROM archives FINAL
ARRAY JOIN arrayFilter(e -> e.1 BETWEEN toStartOfMonth(today) - toIntervalMonth(11) AND today,
                       [(toStartOfMonth(toDate(collected_at, 'Asia/Shanghai')), 'collected'),
                        (ifNull(toStartOfMonth(toDate(archived_at, 'Asia/Shanghai')), toDate(0)), 'archived')]) AS event
GROUP BY place, month
