INSERT INTO eliminations (household, at, event, kind, village, persons)
