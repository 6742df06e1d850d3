SELECT count() > 0 AS has
FROM system.settings
WHERE name = {name:String}
