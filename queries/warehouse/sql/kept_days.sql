-- After how many days headers and frames expire; 0: never.
SELECT name, toUInt32OrZero(extract(create_table_query, 'toIntervalDay\\((\\d+)\\)')) AS days
FROM system.tables
WHERE database = currentDatabase() AND name IN ('batches', 'batch_frames')
