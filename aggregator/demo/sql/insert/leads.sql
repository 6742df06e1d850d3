INSERT INTO leads (lead, village, channel, reported_at, version)
