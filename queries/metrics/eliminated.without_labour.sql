/*
title: 无劳动力而消除
unit: 户
definition: 风险已消除、而画像中无技能、普通、弱或半劳动力的监测对象; 整户无劳动能力的暂不标注风险消除, 须复核; 占比 = 户数 ÷ 风险消除户
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 成效巩固子系统
tables: [households, profiles, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored, within: eliminated, partition: labour, part: without_labour, partial: true, tells: [all]}
columns:
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
  - {name: rate, title: 占消除户, type: number, unit: '%'}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT s.scope AS scope,
       e.without AS households,
       e.persons AS persons,
       round(100 * e.without / nullIf(e.eliminated, 0), 2) AS rate
FROM (SELECT toString(code) AS scope FROM regions FINAL WHERE level != 'village' AND applicable) AS s
LEFT JOIN
(
    SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
           sum(t.eliminated) AS eliminated,
           sum(t.without) AS without,
           sum(t.persons) AS persons
    FROM
    (
        SELECT intDiv(village, 1000) AS township,
               count() AS eliminated,
               countIf(nobody_can_work) AS without,
               sumIf(persons, nobody_can_work) AS persons
        FROM
        (
            -- A household without a profile is not judged.
            SELECT village, persons,
                   household IN (SELECT household FROM profiles FINAL
                                 WHERE labour_skilled + labour_ordinary + labour_weak = 0) AS nobody_can_work
            FROM households FINAL
            WHERE state = 'eliminated'
        )
        GROUP BY township
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY scope
) AS e ON e.scope = s.scope
