-- Work orders. Old ones are answered but for a few; of new ones many are still open.
INSERT INTO work_orders (work_order, village, door, topic, opened_at, due_at, answered_at, satisfaction, version)
WITH {{wheel}}, toUInt32(3600 + 86400 * if(about = 'complaint', 14, 6.5) * 1.15 * pow({{chance "answer after" "n"}}, 1.4)) AS after
SELECT {{key "work order" "n"}}, village,
    {{weighted "door" "n" "qr" 46 "petition" 6 "line_12317" 13 "line_12345" 27 "line_961017" 8}},
    {{weighted "topic" "n" "policy" 37 "assistance" 26 "complaint" 12 "suggestion" 10 "report" 15}} AS about,
    {{moment "ago" "order hour" "n"}} AS opened,
    opened + toIntervalDay(if(about = 'complaint', 15, 7)),
    if({{chance "answer" "n"}} < 0.992 AND opened + toIntervalSecond(after) < {{now}}, opened + toIntervalSecond(after), NULL) AS answered,
    if(isNull(answered) OR {{chance "says nothing" "n"}} < 0.3, NULL, {{weighted "satisfaction" "n" "satisfied" 88 "neutral" 9 "dissatisfied" 3}}),
    1
FROM (SELECT number AS n, {{daysago "number" "{order_days:UInt64}"}} AS ago, {{below "order at" "number" "{slots:UInt64}"}} AS slot FROM numbers({from:UInt64}, {rows:UInt64})) AS o
INNER JOIN wheel USING (slot)
