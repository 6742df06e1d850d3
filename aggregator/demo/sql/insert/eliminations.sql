INSERT INTO eliminations (household, at, event, kind, village, persons, income_per_head)
