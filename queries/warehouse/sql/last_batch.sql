SELECT term, number
FROM batches
ORDER BY number DESC, term DESC
LIMIT 1
