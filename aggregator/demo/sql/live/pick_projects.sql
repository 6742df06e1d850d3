-- Projects from a random key on, with what each step of the chain has moved so far.
SELECT project, village, budget, issued, allocated, paid, granted
FROM (SELECT project, village, budget FROM projects FINAL WHERE project BETWEEN {from:UInt64} AND {to:UInt64}) AS p
LEFT JOIN
(
    SELECT project, sumIf(amount, step = 'issued') AS issued, sumIf(amount, step = 'allocated') AS allocated,
        sumIf(amount, step = 'paid') AS paid, sumIf(amount, step = 'granted') AS granted
    FROM project_funds
    WHERE project BETWEEN {from:UInt64} AND {to:UInt64}
    GROUP BY project
) AS f USING (project)
ORDER BY project
LIMIT {n:UInt64}
