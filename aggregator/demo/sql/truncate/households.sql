TRUNCATE TABLE households
