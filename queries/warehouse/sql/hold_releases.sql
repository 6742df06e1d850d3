SELECT check_id, if(region = 0, '', toString(region)) AS region, released_at, released_by, why, until, revoked_at, revoked_by
FROM ${table} FINAL
WHERE revoked_at IS NULL AND (until IS NULL OR until > fromUnixTimestamp64Milli({now:Int64}, 'UTC'))
ORDER BY released_at DESC, check_id, region
