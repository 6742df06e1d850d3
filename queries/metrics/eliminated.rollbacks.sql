/*
title: 消除回退
unit: 户
definition: 本年度被消除的户、被回退的户, 及被回退后又再次消除的户, 一户各只计一次; 回退消除比 = 本年回退户 ÷ 本年消除户, 往年消除而本年回退的也在其中, 故可超过100%; 按户本年度最近一次事件的村归属
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [eliminations]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {counts: [eliminated, rolled_back, again, rolled_back - again], of: eliminated_this_year}
daily: true
columns:
  - {name: eliminated, title: 本年消除, type: count, unit: 户}
  - {name: rolled_back, title: 本年回退, type: count, unit: 户}
  - {name: again, title: 回退后再消除, type: count, unit: 户}
  - {name: rate, title: 回退消除比, type: number, unit: '%', ratio: {of: rolled_back, to: eliminated, times: 100, digits: 2}}
*/
SELECT intDiv(last.2, 1000) AS place,
       countIf(eliminations > 0) AS eliminated,
       countIf(rollbacks > 0) AS rolled_back,
       countIf(rollbacks > 0 AND last.1 = 'eliminated') AS again
FROM
(
    SELECT household,
           argMax((event, village), (at, event)) AS last,
           countIf(event = 'eliminated') AS eliminations,
           countIf(event = 'rolled_back') AS rollbacks
    FROM eliminations FINAL
    WHERE toYear(at, 'Asia/Shanghai') = toYear({now:DateTime('Asia/Shanghai')})
    GROUP BY household
)
GROUP BY place
