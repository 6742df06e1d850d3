-- Of a hundred general households two or three entered relative poverty once; most
-- improved and left, some were handed on, some stay.
INSERT INTO relative_poverty (household, village, at, event, persons)
WITH
    {{wheel}},
    entered AS
    (
        SELECT number AS n, intDiv(number * {slots:UInt64}, {households:UInt64}) AS slot,
            toUInt64(8 + {{below "relative since" "number" "{relative_days:UInt64}"}}) AS since,
            {{chance "relative fate" "number"}} AS fate,
            toUInt64(1 + intDiv((since - 8) * {{below "relative until" "number" "1000"}}, 1000)) AS until
        FROM numbers({from:UInt64}, {rows:UInt64})
        WHERE {{chance "relative" "number"}} < {relative_share:Float64}
    )
SELECT {{key "rural" "n"}}, village,
    {{moment "ago" "relative hour" "n + ago"}}, event, {{size "n"}}
FROM entered
INNER JOIN wheel USING (slot)
ARRAY JOIN
    if(fate < 0.42, ['entered'], ['entered', if(fate < 0.9, 'improved', 'handed_on')]) AS event,
    if(fate < 0.42, [since], [since, until]) AS ago
