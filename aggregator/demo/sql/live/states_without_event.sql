-- Households whose last event does not say what their state says.
SELECT household, village, persons, if(state = 'eliminated', 'eliminated', 'rolled_back') AS missing
FROM
(
    SELECT household, village, persons, state
    FROM households FINAL
    WHERE state != 'removed' AND household BETWEEN {low:UInt64} AND {high:UInt64}
) AS h
LEFT JOIN
(
    SELECT household, toString(argMax(event, at)) AS last
    FROM eliminations FINAL
    WHERE household BETWEEN {low:UInt64} AND {high:UInt64}
    GROUP BY household
) AS e USING (household)
WHERE (state = 'eliminated') != (last = 'eliminated')
ORDER BY household
