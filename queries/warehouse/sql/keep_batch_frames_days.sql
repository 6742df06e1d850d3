ALTER TABLE ${table} MODIFY TTL day + toIntervalDay(?)
