-- What was recorded later says which batch had been shown; the first row that knows
-- of this number or a later one decides. Of two rows of one batch, the one that only
-- says that it was shown comes second.
SELECT term, number, previous_term, previous, doubt
FROM batches
WHERE number >= {number:UInt64}
  AND (previous >= {number:UInt64} OR doubt OR (number = {wall:UInt64} AND term = {wall_term:UInt64}))
ORDER BY number, term, previous
LIMIT 1000
