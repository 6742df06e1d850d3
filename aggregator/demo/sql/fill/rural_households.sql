-- General households. One whose last event is that it entered relative poverty is there.
INSERT INTO rural_households (household, village, persons, standing, income_per_head, version)
WITH
    {{wheel}},
    (SELECT yuan FROM income_lines FINAL ORDER BY abs(toInt32(year) - toInt32({year:UInt16})), year LIMIT 1) AS line,
    poor AS
    (
        SELECT household FROM relative_poverty FINAL
        WHERE household BETWEEN {low:UInt64} AND {high:UInt64}
        GROUP BY household HAVING argMax(event, at) = 'entered'
    )
SELECT {{key "rural" "n"}} AS key, village, {{size "n"}},
    multiIf(key IN poor, 'relative', {{chance "screened" "n"}} < 0.024, 'screened', 'general') AS rank,
    toUInt32(multiIf(
        rank = 'relative', line * (1.02 + 0.3 * {{chance "income" "n"}}),
        rank = 'screened', line * (0.9 + 0.9 * {{chance "income" "n"}}),
        line * (1.35 + 0.9 * pow({{chance "income" "n"}}, 0.7) + 4 * pow({{chance "income above" "n"}}, 6)))),
    1
FROM (SELECT number AS n, intDiv(number * {slots:UInt64}, {households:UInt64}) AS slot FROM numbers({from:UInt64}, {rows:UInt64})) AS general
INNER JOIN wheel USING (slot)
