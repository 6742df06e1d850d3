-- Business entities of the villages.
INSERT INTO entities (entity, village, kind, linked_households, state, version)
WITH {{wheel}}
SELECT {{key "entity" "n"}}, village,
    {{weighted "entity kind" "n" "technology_envoy" 9 "leading_enterprise" 7 "cooperative" 54 "family_farm" 30}} AS sort,
    toUInt32((3 + 40 * pow({{chance "linked" "n"}}, 3)) * if(sort = 'leading_enterprise', 3, if(sort = 'family_farm', 0.3, 1))),
    if({{chance "entity ended" "n"}} < 0.05, 'ended', 'active'), 1
FROM (SELECT number AS n, {{below "entity at" "number" "{slots:UInt64}"}} AS slot FROM numbers({from:UInt64}, {rows:UInt64})) AS e
INNER JOIN wheel USING (slot)
