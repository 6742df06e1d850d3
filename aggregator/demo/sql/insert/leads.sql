INSERT INTO leads (lead, village, channel, reported_at, department, level, version)
