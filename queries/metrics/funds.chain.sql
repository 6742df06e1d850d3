/*
title: 资金链条
unit: 元
definition: 本年度资金按省级下达、市县划分、村级拨付、收益户发放四个环节流转; 一环节未流入下一环节的列为待划分、待拨付、待发放, 下一环节多于上一环节的部分列为往年结转; 无金额的流向不列
policy: 财农〔2021〕19号《中央财政衔接推进乡村振兴补助资金管理办法》
source: 精准施策子系统
tables: [funds_monthly, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {shown: "资金按环节汇总, 不涉个人"}
columns:
  - {name: source, title: 上一环节, type: text}
  - {name: target, title: 下一环节, type: text}
  - {name: amount, title: 金额, type: money, unit: 元}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT scope,
       flow.1 AS source,
       flow.2 AS target,
       flow.3 AS amount
FROM
(
    SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
           toInt64(sum(t.issued)) AS issued,
           toInt64(sum(t.allocated)) AS allocated,
           toInt64(sum(t.paid)) AS paid,
           toInt64(sum(t.granted)) AS granted
    FROM
    (
        SELECT township,
               sumIf(amount, step = 'issued') AS issued,
               sumIf(amount, step = 'allocated') AS allocated,
               sumIf(amount, step = 'paid') AS paid,
               sumIf(amount, step = 'granted') AS granted
        FROM funds_monthly
        WHERE toYear(month) = toYear({now:DateTime('Asia/Shanghai')})
        GROUP BY township
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY scope
)
-- What comes into a step goes out of it: on to the next, or it stays. Money that a
-- step passes on beyond what came in this year came in before.
ARRAY JOIN arrayFilter(flow -> flow.3 > 0, [
    ('省级下达', '市县划分', least(issued, allocated)),
    ('省级下达', '待划分', issued - least(issued, allocated)),
    ('往年结转', '市县划分', allocated - least(issued, allocated)),
    ('市县划分', '村级拨付', least(allocated, paid)),
    ('市县划分', '待拨付', allocated - least(allocated, paid)),
    ('往年结转', '村级拨付', paid - least(allocated, paid)),
    ('村级拨付', '收益户发放', least(paid, granted)),
    ('村级拨付', '待发放', paid - least(paid, granted)),
    ('往年结转', '收益户发放', granted - least(paid, granted))]) AS flow
