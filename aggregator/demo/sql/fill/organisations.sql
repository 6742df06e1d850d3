-- Assisting units, whose members are the responsible persons; then other organisations.
-- Pairs of units trade members, so that no two are alike and the sum stays.
INSERT INTO organisations (organisation, region, kind, members, state, version)
WITH {{wheel}}, {units:UInt64} AS units, {responsible:UInt64} AS responsible
SELECT {{key "organisation" "n"}}, if({{chance "organisation level" "n"}} < 0.35, county, intDiv(village, 1000)),
    if(n < units, 'assisting_unit', {{weighted "organisation kind" "n" "foundation" 6 "chamber" 16 "non_profit" 22 "enterprise" 56}}),
    if(n < units,
        intDiv((n + 1) * responsible, units) - intDiv(n * responsible, units)
            + if(intDiv(n, 2) * 2 + 1 < units, if(n % 2 = 0, 1, -1) * toInt64({{below "members" "intDiv(n, 2)" "5"}}), 0),
        1 + {{below "members of others" "n" "6"}}),
    if(n < units OR {{chance "ended" "n"}} > 0.06, 'active', 'ended'), 1
FROM (SELECT number AS n, {{below "organisation at" "number" "{slots:UInt64}"}} AS slot FROM numbers({from:UInt64}, {rows:UInt64})) AS o
INNER JOIN wheel USING (slot)
