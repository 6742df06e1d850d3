-- What the departments did for the households hit, by county: relief adds up to what
-- the households were given.
INSERT INTO emergency_responses (response, emergency, region, department, at, action, households, amount)
WITH hit AS
(
    SELECT emergency, parent AS county, count() AS families, countIf(relief > 0) AS helped, sum(relief) AS given, sum(loss) AS lost
    FROM emergency_households AS h FINAL
    INNER JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON intDiv(h.village, 1000) = r.code
    WHERE emergency BETWEEN {low:UInt64} AND {high:UInt64}
    GROUP BY emergency, county
)
SELECT {{key "response" "cityHash64(emergency, county, who, what)"}}, emergency, county, who,
    started_at + toIntervalHour(after + {{below "response after" "cityHash64(emergency, county, who)" "12"}}), what,
    multiIf(what = 'relief', helped, what = 'assess', families, intDiv(families, 3)),
    multiIf(what = 'relief', given, what = 'restore', intDiv(lost, 10), 0)
FROM hit
INNER JOIN (SELECT emergency, started_at FROM emergencies FINAL) AS e USING (emergency)
ARRAY JOIN
    ['emergency', 'civil_affairs', 'housing', 'water', 'agriculture', 'health', 'emergency'] AS who,
    ['assess', 'relief', 'assess', 'restore', 'restore', 'dispatch', 'dispatch'] AS what,
    [4, 40, 20, 30, 50, 10, 2] AS after
