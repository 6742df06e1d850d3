SELECT number, term, max(as_of) AS cut, max(recorded_at) AS shown_at, max(full) AS laid_over
FROM batches
WHERE number IN ({numbers:Array(UInt64)}) AND full > 0
GROUP BY number, term
ORDER BY number
