-- After how many days headers and frames expire; 0: never.
SELECT replaceRegexpOne(name, '_local$', '') AS kept, toUInt32OrZero(extract(create_table_query, 'toIntervalDay\\((\\d+)\\)')) AS days
FROM system.tables
WHERE database = currentDatabase() AND has({tables:Array(String)}, name)
