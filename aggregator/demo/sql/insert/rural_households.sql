INSERT INTO rural_households (household, village, persons, standing, income_per_head, version)
