-- Households of one state that were recognised before a moment, ms since 1970.
SELECT household, village, toString(type) AS kind, arrayMap(c -> toString(c), causes) AS risks, persons, recognised_at, version
FROM households FINAL
WHERE state = {code:String} AND toUnixTimestamp64Milli(recognised_at) < {before:Int64}
  AND household BETWEEN {low:UInt64} AND {high:UInt64}
ORDER BY household < {from:UInt64}, household
LIMIT {n:UInt64}
