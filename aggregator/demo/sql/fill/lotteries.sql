-- Rounds of lottery. Objections are rare.
INSERT INTO lotteries (round, village, at, candidates, drawn, objections)
WITH {{wheel}}
SELECT {{key "round" "n"}}, village, {{moment "ago" "round hour" "n"}}, candidates,
    greatest(intDiv(candidates, 4), 1), if({{chance "objection" "n"}} < 0.03, 1 + {{below "objections" "n" "2"}}, 0)
FROM
(
    SELECT number AS n, {{daysago "number" "720"}} AS ago, 6 + {{below "candidates" "number" "30"}} AS candidates,
        {{below "round at" "number" "{slots:UInt64}"}} AS slot
    FROM numbers({from:UInt64}, {rows:UInt64})
) AS r
INNER JOIN wheel USING (slot)
