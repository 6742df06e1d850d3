INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version)
