-- Rows from a random key on; keys are hashes.
SELECT account, region
FROM accounts FINAL
WHERE account BETWEEN {from:UInt64} AND {to:UInt64}
ORDER BY account
LIMIT {n:UInt64}
