SELECT name, title, scenes, saved_at, saved_by
FROM briefings FINAL
WHERE scenes != ''
ORDER BY name
LIMIT {most:UInt32}
