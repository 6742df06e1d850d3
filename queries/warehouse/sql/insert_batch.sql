INSERT INTO batches (term, number, as_of, header)
