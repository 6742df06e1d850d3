ALTER TABLE ${table} MODIFY COLUMN header TTL toDateTime(recorded_at) + toIntervalDay(?)
