-- Archive volumes: collecting, collected, archived, and a few that were destroyed
-- when their time was over.
INSERT INTO archives (volume, region, category, state, term, items, collected_at, archived_at, appraisal_due, version)
WITH
    {{wheel}},
    toDate(parseDateTimeBestEffort({today:String})) AS today
SELECT {{key "volume" "n"}}, if(sort IN ('county', 'general'), county, intDiv(village, 1000)),
    {{weighted "category" "n" "general" 11 "county" 3 "village" 17 "household" 48 "project" 17 "special_carrier" 4}} AS sort,
    multiIf(ago < 25, 'collecting', ago < 70, 'collected', {{chance "volume late" "n"}} < 0.015, 'collected', {{chance "destroyed" "n"}} < 0.004, 'destroyed', 'archived') AS phase,
    {{weighted "term" "n" "permanent" 38 "thirty_years" 41 "ten_years" 21}} AS kept,
    4 + {{below "items" "n" "90"}}, {{moment "ago" "volume hour" "n"}} AS collected,
    if(phase IN ('archived', 'destroyed'), collected + toIntervalDay(30 + {{below "archived" "n" "30"}}), NULL),
    if(kept = 'permanent' OR phase IN ('collecting', 'collected'), NULL, today + toIntervalDay(toInt32({{below "appraisal" "n" "3300"}}) - 90)), 1
FROM
(
    SELECT number AS n, toUInt32(1 + 1800 * {{chance "volume since" "number"}}) AS ago, {{below "volume at" "number" "{slots:UInt64}"}} AS slot
    FROM numbers({from:UInt64}, {rows:UInt64})
) AS v
INNER JOIN wheel USING (slot)
