/*
title: 措施覆盖率
unit: 户
definition: 风险未消除的监测对象中, 至少落实一项帮扶措施的为已覆盖; 只有计划未落实的不算
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准施策子系统
tables: [households, measures, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {counts: [all = households, covered, uncovered], of: monitored, within: remaining, partition: covered}
daily: true
columns:
  - {name: households, title: 风险未消除, type: count, unit: 户}
  - {name: covered, title: 已覆盖, type: count, unit: 户}
  - {name: uncovered, title: 未覆盖, type: count, unit: 户}
  - {name: rate, title: 措施覆盖率, type: number, unit: '%'}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT s.scope AS scope,
       c.households AS households,
       c.covered AS covered,
       c.households - c.covered AS uncovered,
       round(100 * c.covered / nullIf(c.households, 0), 2) AS rate
FROM (SELECT toString(code) AS scope FROM regions FINAL WHERE level != 'village' AND applicable) AS s
LEFT JOIN
(
    SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
           sum(t.households) AS households,
           sum(t.covered) AS covered
    FROM
    (
        SELECT intDiv(village, 1000) AS township,
               count() AS households,
               countIf(household IN (SELECT household FROM measures FINAL WHERE delivered_at IS NOT NULL)) AS covered
        FROM households FINAL
        WHERE state = 'monitored'
        GROUP BY township
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY scope
) AS c ON c.scope = s.scope
