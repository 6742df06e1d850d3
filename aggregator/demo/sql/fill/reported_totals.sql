-- What counties and townships report of the other subjects is what they have.
INSERT INTO reported_totals (subject, region, households, persons, reported_at, version)
WITH counted AS
(
    SELECT 'monitored' AS what, intDiv(village, 1000) AS township, count() AS n, sum(persons) AS people FROM households FINAL WHERE version = 1 AND household BETWEEN {low:UInt64} AND {high:UInt64} GROUP BY township
    UNION ALL
    SELECT 'rural_households', intDiv(village, 1000) AS township, count(), sum(persons) FROM rural_households FINAL WHERE version = 1 AND household BETWEEN {low:UInt64} AND {high:UInt64} GROUP BY township
    UNION ALL
    SELECT 'assets', intDiv(village, 1000) AS township, count(), 0 FROM assets FINAL WHERE version = 1 AND state = 'in_use' AND asset BETWEEN {low:UInt64} AND {high:UInt64} GROUP BY township
)
SELECT what, region, sum(n), sum(people), {{now}}, 1
FROM counted
INNER JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = counted.township
ARRAY JOIN [township, parent, {province:UInt64}] AS region
GROUP BY what, region
