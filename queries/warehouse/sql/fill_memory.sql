INSERT INTO answers_are_kept VALUES (1)
