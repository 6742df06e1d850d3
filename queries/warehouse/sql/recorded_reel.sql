-- Of each of a number of equal spans the last batch that is known to have been shown by
-- its end. All times are milliseconds.
SELECT intDiv(toUnixTimestamp64Milli(recorded_at) - {from:Int64}, {span:Int64}) AS place,
       argMax(previous_term, previous) AS shown_term,
       max(previous) AS shown
FROM batches
WHERE recorded_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND recorded_at < fromUnixTimestamp64Milli({until:Int64}, 'UTC')
  AND previous > 0
GROUP BY place
ORDER BY place
LIMIT 1000
