INSERT INTO batch_frames (full, term, metric, region, number, changed, as_of, day, rows)
