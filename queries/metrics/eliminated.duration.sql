/*
title: 消除用时
unit: 日
definition: 最近一次事件为风险消除的监测对象, 自识别之日至消除之日的天数之中位数; 回退后再次消除的计至再次消除; 已移出的不计, 按户现在的村归属
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [eliminated_households, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored, within: eliminated, partition: elimination_event, part: with_event, partial: true, harmless: [rest]}
columns:
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: median_days, title: 用时中位数, type: number, unit: 日}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT s.scope AS scope,
       d.households AS households,
       if(d.households = 0, NULL, d.median_days) AS median_days
-- Every region, since a median of nobody is no 0.
FROM (SELECT toString(code) AS scope FROM regions FINAL WHERE level != 'village' AND applicable) AS s
LEFT JOIN
(
    -- A median is of the region's own households: medians do not add up.
    SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
           count() AS households,
           quantileExactInclusive(0.5)(t.days) AS median_days
    FROM (SELECT place, days FROM eliminated_households) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.place
    GROUP BY scope
) AS d ON d.scope = s.scope
