INSERT INTO workflow (lead, village, stage, entered_at, version)
