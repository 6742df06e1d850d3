-- The reference that the demo's reported totals were loaded with, seconds; 0 where there are none.
SELECT toInt64(toUnixTimestamp(max(reported_at)))
FROM reported_totals FINAL
WHERE subject = 'registered' AND version = 1
