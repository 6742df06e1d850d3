SELECT term, as_of, recorded_at, base, full, header
FROM batches
WHERE number = {number:UInt64}
ORDER BY term DESC
