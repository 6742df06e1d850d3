/*
title: 档案借阅
unit: 卷次
definition: 待审批为已申请未审批的借阅; 借出为已审批未归还的, 其中应还时间早于今日零时的为逾期; 近三十日 (含今日) 归还的另计
policy: 《中华人民共和国档案法》
source: 档案保管子系统
tables: [archive_loans]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {shown: "案卷不涉农户状况"}
columns:
  - {name: requested, title: 待审批, type: count, unit: 卷次}
  - {name: out, title: 借出, type: count, unit: 卷次}
  - {name: overdue, title: 逾期未还, type: count, unit: 卷次}
  - {name: returned, title: 近三十日归还, type: count, unit: 卷次}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT region AS place,
       countIf(approved_at IS NULL AND returned_at IS NULL) AS requested,
       countIf(approved_at IS NOT NULL AND returned_at IS NULL) AS out,
       countIf(approved_at IS NOT NULL AND returned_at IS NULL AND due_at < {now:DateTime('Asia/Shanghai')}) AS overdue,
       countIf(toDate(returned_at, 'Asia/Shanghai') BETWEEN today - 29 AND today) AS returned
FROM archive_loans FINAL
GROUP BY region
