-- Registered households of one degree of stability.
SELECT household, village, persons, version
FROM registered FINAL
WHERE stability = {code:String} AND household BETWEEN {low:UInt64} AND {high:UInt64}
ORDER BY household < {from:UInt64}, household
LIMIT {n:UInt64}
