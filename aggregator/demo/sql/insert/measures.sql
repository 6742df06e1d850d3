INSERT INTO measures (measure, household, village, kind, planned_at, delivered_at, ended_at, planned_amount, delivered_amount, effect, version)
