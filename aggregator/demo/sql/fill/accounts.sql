-- Accounts by role; the responsible persons of the assisting units have one each.
INSERT INTO accounts (account, region, role, state, created_at, version)
WITH {{wheel}}
SELECT {{key "account" "n"}},
    multiIf(rank = 'province', {province:UInt64}, rank = 'county', county, intDiv(village, 1000)),
    multiIf(n < {responsible:UInt64}, 'responsible', n % 165 = 0, 'province', n % 18 = 1, 'county', n % 5 = 2, 'township', n % 5 IN (0, 3), 'village', 'work_team') AS rank,
    if({{chance "disabled" "n"}} < 0.012, 'disabled', 'enabled'), {{moment "10 + pow(chance_of, 1.5) * 1200" "account hour" "n"}}, 1
FROM (SELECT number AS n, {{chance "account since" "number"}} AS chance_of, {{below "account at" "number" "{slots:UInt64}"}} AS slot FROM numbers({from:UInt64}, {rows:UInt64})) AS a
INNER JOIN wheel USING (slot)
