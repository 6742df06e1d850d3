-- Sales, more of them from year to year.
INSERT INTO sales (sale, product, village, at, channel, amount)
WITH
    shelf AS (SELECT product, village, toUInt64(row_number() OVER (ORDER BY product) - 1) AS place FROM products FINAL WHERE product BETWEEN {low:UInt64} AND {high:UInt64}),
    (SELECT count() FROM shelf) AS places
SELECT {{key "sale" "n"}}, product, village, {{moment "ago" "sale hour" "n"}},
    {{weighted "sale channel" "n" "online" 38 "canteen" 27 "supermarket" 18 "fair" 11 "other" 6}} AS way,
    toUInt64(20 + if(way = 'canteen', 6000, if(way = 'online', 260, 1500)) * pow({{chance "sale amount" "n"}}, 3))
FROM (SELECT number AS n, {{daysago "number" "{sale_days:UInt64}"}} AS ago, {{hash "sold" "number"}} % places AS place FROM numbers({from:UInt64}, {rows:UInt64})) AS s
INNER JOIN shelf USING (place)
