INSERT INTO registered (household, village, stability, persons, version)
