INSERT INTO reported_totals (subject, region, households, persons, reported_at, version)
