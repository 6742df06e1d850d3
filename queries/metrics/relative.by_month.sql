/*
title: 相对贫困逐月变动
unit: 户次
definition: 近12个月(含本月)各月相对贫困监测的纳入、改善退出、转常态化监测; 一户多次变动的各计一次
policy: 工作口径, 未见公开文件
source: 相对贫困监测子系统
tables: [relative_poverty, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {counts: [entered, improved, handed_on], of: relative_events, partition: month, partial: true}
columns:
  - {name: month, title: 月份, type: date}
  - {name: entered, title: 纳入, type: count, unit: 户次}
  - {name: improved, title: 改善退出, type: count, unit: 户次}
  - {name: handed_on, title: 转常态化监测, type: count, unit: 户次}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toStartOfMonth(toDate({now:DateTime('Asia/Shanghai')})) AS this_month
SELECT toString(g.code) AS scope,
       toString(g.month) AS month,
       t.entered AS entered,
       t.improved AS improved,
       t.handed_on AS handed_on
FROM
(
    SELECT code,
           arrayJoin(arrayMap(i -> addMonths(this_month, i - 11), range(12))) AS month
    FROM regions FINAL
    WHERE level != 'village' AND applicable
) AS g
LEFT JOIN
(
    SELECT arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province])) AS code,
           t.month AS month,
           sum(t.entered) AS entered,
           sum(t.improved) AS improved,
           sum(t.handed_on) AS handed_on
    FROM
    (
        SELECT intDiv(village, 1000) AS township,
               toStartOfMonth(toDate(at, 'Asia/Shanghai')) AS month,
               countIf(event = 'entered') AS entered,
               countIf(event = 'improved') AS improved,
               countIf(event = 'handed_on') AS handed_on
        FROM relative_poverty FINAL
        WHERE month >= addMonths(this_month, -11)
        GROUP BY township, month
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY code, month
) AS t ON t.code = g.code AND t.month = g.month
ORDER BY g.code, g.month
