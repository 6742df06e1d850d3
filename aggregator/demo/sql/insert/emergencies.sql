INSERT INTO emergencies (emergency, name, kind, level, started_at, cutoff_at, ended_at, plan, excludes, version)
