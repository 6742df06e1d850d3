INSERT INTO exports (code, taken_at, taken_by, format, scenes, history, number, digest, file, build, version)
