INSERT INTO visits (visit, household, village, at, kind, result)
