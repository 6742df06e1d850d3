-- Rows from a random key on; keys are hashes.
SELECT product, village
FROM products FINAL
WHERE product BETWEEN {from:UInt64} AND {to:UInt64}
ORDER BY product
LIMIT {n:UInt64}
