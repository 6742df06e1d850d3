SELECT toString(id) AS history
FROM history
ORDER BY created_at, id
LIMIT 1
