INSERT INTO stage_passages (lead, village, stage, entered_at, left_at, outcome)
