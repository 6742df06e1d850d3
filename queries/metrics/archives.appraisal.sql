/*
title: 档案鉴定
unit: 卷
definition: 未销毁的案卷中, 鉴定到期日在今日起三十日内 (含今日) 的为临期, 早于今日的为逾期
policy: 《中华人民共和国档案法》
source: 档案保管子系统
tables: [archives]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "案卷不涉农户状况"}
columns:
  - {name: due_soon, title: 三十日内到期, type: count, unit: 卷}
  - {name: overdue, title: 逾期未鉴定, type: count, unit: 卷}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT region AS place,
       countIf(appraisal_due BETWEEN today AND today + 29) AS due_soon,
       countIf(appraisal_due < today) AS overdue
FROM archives FINAL
WHERE state != 'destroyed'
GROUP BY region
