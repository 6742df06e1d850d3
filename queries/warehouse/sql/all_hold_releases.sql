SELECT check_id, if(region = 0, '', toString(region)) AS region, released_at, released_by, why, until, revoked_at, revoked_by
FROM ${table} FINAL
ORDER BY released_at DESC, check_id, region
LIMIT {most:UInt32}
