-- Rows from a random key on; keys are hashes.
SELECT household, village
FROM rural_households FINAL
WHERE household BETWEEN {from:UInt64} AND {to:UInt64}
ORDER BY household
LIMIT {n:UInt64}
