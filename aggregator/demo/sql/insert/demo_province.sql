INSERT INTO demo_province (seed, state, version)
