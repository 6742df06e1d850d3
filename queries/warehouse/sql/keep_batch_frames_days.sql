ALTER TABLE batch_frames MODIFY TTL day + toIntervalDay(?)
