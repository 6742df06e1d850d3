INSERT INTO briefing_runs (briefing, due_at, title, state, tries, noted_at, target, code, words, version)
