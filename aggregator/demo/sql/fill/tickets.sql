-- Tickets of the operators.
INSERT INTO tickets (ticket, region, kind, severity, opened_at, closed_at, version)
WITH {{wheel}}, {{moment "ago" "ticket hour" "n"}} AS opened,
    opened + toIntervalMinute(15 + toUInt32(if(urgent = 'high', 500, 4000) * pow({{chance "ticket closed" "n"}}, 2))) AS closed
SELECT {{key "ticket" "n"}}, multiIf({{chance "ticket level" "n"}} < 0.03, {province:UInt64}, {{chance "ticket level" "n"}} < 0.3, county, intDiv(village, 1000)),
    {{weighted "ticket kind" "n" "account" 34 "data" 25 "fault" 9 "advice" 32}} AS sort,
    if(sort = 'fault' AND {{chance "urgent" "n"}} < 0.3, 'high', if({{chance "urgent" "n"}} < 0.4, 'medium', 'low')) AS urgent,
    opened, if(closed < {{now}} AND {{chance "ticket left" "n"}} > 0.004, closed, NULL), 1
FROM (SELECT number AS n, {{daysago "number" "365"}} AS ago, {{below "ticket at" "number" "{slots:UInt64}"}} AS slot FROM numbers({from:UInt64}, {rows:UInt64})) AS t
INNER JOIN wheel USING (slot)
