/*
title: 相对贫困逐月变动
unit: 户次
definition: 近12个月(含本月)各月相对贫困监测的纳入、改善退出、转常态化监测; 一户多次变动的各计一次
policy: 工作口径, 未见公开文件
source: 相对贫困监测子系统
tables: [relative_poverty]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {counts: [entered, improved, handed_on], of: relative_events, partition: month, partial: true}
columns:
  - {name: month, title: 月份, type: date, last: {months: 12}}
  - {name: entered, title: 纳入, type: count, unit: 户次}
  - {name: improved, title: 改善退出, type: count, unit: 户次}
  - {name: handed_on, title: 转常态化监测, type: count, unit: 户次}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT intDiv(village, 1000) AS place,
       toString(toStartOfMonth(toDate(at, 'Asia/Shanghai'))) AS month,
       countIf(event = 'entered') AS entered,
       countIf(event = 'improved') AS improved,
       countIf(event = 'handed_on') AS handed_on
FROM relative_poverty FINAL
WHERE toDate(at, 'Asia/Shanghai') BETWEEN addMonths(toStartOfMonth(today), -11) AND toLastDayOfMonth(today)
GROUP BY place, month
