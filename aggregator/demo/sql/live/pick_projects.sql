-- Projects of the year from a random key on, with what each step of the chain has moved
-- so far. Money that was issued in a year moves in that year.
WITH picked AS
(
    SELECT project, village, budget
    FROM projects FINAL
    WHERE project BETWEEN {from:UInt64} AND {high:UInt64} AND toYear(started_at, 'Asia/Shanghai') = {year:UInt16}
    ORDER BY project
    LIMIT {n:UInt64}
)
SELECT project, village, budget, issued, allocated, paid, granted
FROM picked
LEFT JOIN
(
    SELECT project, sumIf(amount, step = 'issued') AS issued, sumIf(amount, step = 'allocated') AS allocated,
        sumIf(amount, step = 'paid') AS paid, sumIf(amount, step = 'granted') AS granted
    FROM project_funds
    WHERE project IN (SELECT project FROM picked)
    GROUP BY project
) AS f USING (project)
ORDER BY project
