/*
title: 风险消除对象
about: the monitored households whose last event of elimination is none that was rolled back, a row each, with that event (kind, at, income_per_head) and the days since they were recognised
tables: [household_states, eliminations]
*/
SELECT h.household AS household,
       h.place AS place,
       h.recognised_at AS recognised_at,
       e.last.2 AS kind,
       e.last.3 AS at,
       e.last.4 AS income_per_head,
       dateDiff('day', toDate(h.recognised_at, 'Asia/Shanghai'), toDate(at, 'Asia/Shanghai')) AS days
FROM (SELECT household, place, recognised_at FROM household_states) AS h
INNER JOIN
(
    -- A rollback takes an elimination back: a household's last event is what holds.
    SELECT household, argMax((event, kind, at, income_per_head), (at, event)) AS last
    FROM eliminations FINAL
    GROUP BY household
    HAVING last.1 = 'eliminated'
) AS e ON e.household = h.household
