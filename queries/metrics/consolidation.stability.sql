/*
title: 脱贫稳定程度
unit: 户
definition: 建档立卡户按脱贫监测、相对稳定脱贫、稳定脱贫划分; 逐户计数, 占比以本级逐户计数之和为底
policy: 国开办发〔2014〕24号《扶贫开发建档立卡工作方案》; 稳定程度的划分未见公开文件
source: 成效巩固子系统
tables: [registered, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {counts: [households], of: registered, partition: stability, tells: [all]}
columns:
  - {name: stability, title: 稳定程度, type: code, codes: stability}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
  - {name: share, title: 占比, type: number, unit: '%'}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT scope,
       stability,
       households,
       persons,
       round(100 * households / nullIf(sum(households) OVER (PARTITION BY scope), 0), 2) AS share
FROM
(
    SELECT s.scope AS scope,
           s.stability AS stability,
           g.households AS households,
           g.persons AS persons
    FROM
    (
        -- Every degree in every region, so that a share of nothing is none, not 0.
        SELECT toString(code) AS scope, stability
        FROM regions FINAL
        ARRAY JOIN ['monitored_after_lifting', 'relatively_stable', 'stable'] AS stability
        WHERE level != 'village' AND applicable
    ) AS s
    LEFT JOIN
    (
        SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
               toString(t.stability) AS stability,
               sum(t.households) AS households,
               sum(t.persons) AS persons
        FROM
        (
            SELECT intDiv(village, 1000) AS township,
                   stability,
                   count() AS households,
                   sum(persons) AS persons
            FROM registered FINAL
            GROUP BY township, stability
        ) AS t
        LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
        GROUP BY scope, stability
    ) AS g ON g.scope = s.scope AND g.stability = s.stability
)
