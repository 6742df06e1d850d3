INSERT INTO briefings (name, title, scenes, saved_at, saved_by, version)
