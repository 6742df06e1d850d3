-- Visits to all rural households.
INSERT INTO visits (visit, household, village, at, kind, result)
WITH {{wheel}}
SELECT {{key "visit" "n"}}, {{key "rural" "h"}}, village, {{moment "ago" "visit hour" "n"}},
    {{weighted "visit kind" "n" "self_report" 3 "survey" 46 "verification" 8 "visit" 34 "follow_up" 9}},
    {{weighted "visit result" "n" "no_risk" 974 "risk_found" 9 "help_needed" 17}}
FROM
(
    SELECT number AS n, {{daysago "number" "{visit_days:UInt64}"}} AS ago, {{hash "visited" "number"}} % {households:UInt64} AS h,
        intDiv(h * {slots:UInt64}, {households:UInt64}) AS slot
    FROM numbers({from:UInt64}, {rows:UInt64})
) AS v
INNER JOIN wheel USING (slot)
