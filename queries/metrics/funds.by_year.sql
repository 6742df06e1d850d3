/*
title: 历年资金
unit: 元
definition: 自有流水之年起至本年度, 各年各环节的资金金额; 以每年1月1日代表该年
policy: 财农〔2021〕19号《中央财政衔接推进乡村振兴补助资金管理办法》
source: 精准施策子系统
tables: [funds_monthly, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {shown: "资金按环节汇总, 不涉个人"}
columns:
  - {name: year, title: 年度, type: date}
  - {name: issued, title: 省级下达, type: money, unit: 元}
  - {name: allocated, title: 市县划分, type: money, unit: 元}
  - {name: paid, title: 村级拨付, type: money, unit: 元}
  - {name: granted, title: 收益户发放, type: money, unit: 元}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     (SELECT toYear(minOrNull(month)) FROM funds_monthly) AS first_year
SELECT s.scope AS scope,
       concat(toString(s.year), '-01-01') AS year,
       f.issued AS issued,
       f.allocated AS allocated,
       f.paid AS paid,
       f.granted AS granted
FROM
(
    SELECT toString(code) AS scope,
           arrayJoin(range(toUInt16(ifNull(first_year, toYear({now:DateTime('Asia/Shanghai')}))), toYear({now:DateTime('Asia/Shanghai')}) + 1)) AS year
    FROM regions FINAL
    WHERE level != 'village' AND applicable
) AS s
LEFT JOIN
(
    SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
           t.year AS year,
           sum(t.issued) AS issued,
           sum(t.allocated) AS allocated,
           sum(t.paid) AS paid,
           sum(t.granted) AS granted
    FROM
    (
        SELECT township,
               toYear(month) AS year,
               sumIf(amount, step = 'issued') AS issued,
               sumIf(amount, step = 'allocated') AS allocated,
               sumIf(amount, step = 'paid') AS paid,
               sumIf(amount, step = 'granted') AS granted
        FROM funds_monthly
        GROUP BY township, year
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY scope, year
) AS f ON f.scope = s.scope AND f.year = s.year
ORDER BY scope, year
