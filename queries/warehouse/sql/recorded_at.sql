SELECT term, number, previous_term, previous
FROM batches
WHERE recorded_at <= fromUnixTimestamp64Milli({at:Int64}, 'UTC')
ORDER BY number DESC, term DESC
LIMIT 1
