-- Visits to monitored households, more often to those at risk, after their recognition.
-- Some of them are hardly visited at all.
INSERT INTO visits (visit, household, village, at, kind, result)
WITH
    people AS
    (
        SELECT household, village, state = 'monitored' AS at_risk, recognised_at, toUInt64(row_number() OVER (ORDER BY household) - 1) AS place
        FROM households FINAL WHERE version = 1 AND household BETWEEN {low:UInt64} AND {high:UInt64}
    ),
    (SELECT count() FROM people) AS places
SELECT {{key "visit to monitored" "n"}}, household, village, time,
    if(time < recognised_at, {{weighted "visit before" "n" "survey" 70 "verification" 30}}, {{weighted "visit to" "n" "self_report" 2 "survey" 14 "verification" 16 "visit" 56 "follow_up" 12}}),
    if(at_risk, {{weighted "visit found at risk" "n" "no_risk" 62 "risk_found" 9 "help_needed" 29}}, {{weighted "visit found" "n" "no_risk" 93 "risk_found" 2 "help_needed" 5}})
FROM
(
    SELECT n, household, village, at_risk, recognised_at, {{moment "ago" "visit to hour" "n"}} AS time
    FROM
    (
        SELECT number AS n, {{daysago "number" "{visit_days:UInt64}"}} AS ago, toUInt64(places * pow({{chance "visited to" "number"}}, 1.15)) AS place
        FROM numbers({from:UInt64}, {rows:UInt64})
    ) AS v
    INNER JOIN people USING (place)
)
