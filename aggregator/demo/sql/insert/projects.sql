INSERT INTO projects (project, village, kind, budget, progress, started_at, finished_at, effect, version)
