INSERT INTO batches (term, number, as_of, recorded_at, base, previous_term, previous, doubt, full, frames, header)
