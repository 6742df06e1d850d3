-- Grids: one to five a village, after its households.
INSERT INTO grids (grid, village, households, members, state, version)
WITH
    {{wheel}},
    of_village AS (SELECT village, count() * 100 AS families, greatest(1, least(5, intDiv(count() + 1, 2))) AS parts FROM wheel GROUP BY village)
SELECT {{key "grid" "village + n"}}, village, intDiv(families, parts), 1 + {{below "grid members" "village + n" "3"}},
    if({{chance "grid ended" "village + n"}} < 0.01, 'ended', 'active'), 1
FROM of_village
ARRAY JOIN range(parts) AS n
