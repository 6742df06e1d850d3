-- The engine of each table as a table that is not replicated would have it.
SELECT name, replaceRegexpOne(replaceRegexpOne(engine_full, '^Replicated(\\w+)\\(\'[^\']*\', \'[^\']*\'(, )?', '\\1('), '^Replicated', '') AS engine
FROM system.tables
WHERE database = {database:String} AND has({tables:Array(String)}, name)
