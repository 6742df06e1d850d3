-- The province that this database holds, if any.
SELECT seed, state, version
FROM demo_province FINAL
ORDER BY version DESC
LIMIT 1
