ALTER TABLE batches MODIFY COLUMN header TTL toDateTime(recorded_at) + toIntervalDay(?)
