TRUNCATE TABLE eliminations
