SELECT count() = 1 AS remembers
FROM answers_are_kept
