-- Incomes of a year of registered and monitored households. They grow, so that in
-- earlier years there was less.
INSERT INTO incomes (year, household, village, persons, wage_income, business_income, property_income, transfer_income, business_expense, version)
WITH
    (SELECT yuan FROM income_lines FINAL ORDER BY abs(toInt32(year) - toInt32({year:UInt16})), year LIMIT 1) AS line,
    pow(1.06, toInt32({of:UInt16}) - toInt32({year:UInt16})) AS growth
SELECT {of:UInt16}, household, village, persons,
    toUInt32(net * wage), toUInt32(net * business / 0.62), toUInt32(net * 0.02), toUInt32(net * (0.98 - wage - business)), toUInt32(net * business / 0.62 * 0.38), 1
FROM
(
    SELECT household, village, persons,
        0.35 + 0.3 * {{chance "wage" "household"}} AS wage,
        0.1 + 0.15 * {{chance "business" "household"}} AS business,
        persons * line * growth * least_of * (0.94 + 0.12 * {{chance "income year" "household + {of:UInt16}"}}) AS net
    FROM
    (
        SELECT household, village, persons,
            multiIf(stability = 'stable', 1.6, stability = 'relatively_stable', 1.35, 1.05) + 0.8 * pow({{chance "income of" "household"}}, 2) AS least_of
        FROM registered FINAL WHERE household BETWEEN {low:UInt64} AND {high:UInt64}
        UNION ALL
        SELECT household, village, persons, if(state = 'eliminated', 1.15, 0.85) + 0.4 * {{chance "income of" "household"}}
        FROM households FINAL WHERE household BETWEEN {low:UInt64} AND {high:UInt64}
    )
)
