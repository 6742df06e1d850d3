-- Sign-ins: the people at work, on their telephones mostly.
INSERT INTO sign_ins (sign_in, account, region, at, client)
WITH
    people AS (SELECT account, region, toUInt64(row_number() OVER (ORDER BY account) - 1) AS place FROM accounts FINAL WHERE state = 'enabled' AND account BETWEEN {low:UInt64} AND {high:UInt64}),
    (SELECT count() FROM people) AS places
SELECT {{key "sign-in" "n"}}, account, region, {{moment "ago" "sign-in hour" "n"}}, if({{chance "client" "n"}} < 0.37, 'web', 'app')
FROM
(
    SELECT number AS n, {{daysago "number" "{sign_in_days:UInt64}"}} AS ago,
        toUInt64(places * pow({{chance "signed in" "number"}}, 1.6)) AS place -- some sign in more often than others
    FROM numbers({from:UInt64}, {rows:UInt64})
) AS s
INNER JOIN people USING (place)
