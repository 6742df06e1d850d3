TRUNCATE TABLE registered
