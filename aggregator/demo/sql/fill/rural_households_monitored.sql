-- Monitored households are rural households too, under the same keys; one whose risk
-- is eliminated is a general one.
INSERT INTO rural_households (household, village, persons, standing, income_per_head, version)
SELECT household, h.village, h.persons, if(state = 'monitored', 'monitored', 'general'),
    intDiv(wage_income + business_income + property_income + transfer_income - business_expense, h.persons), 1
FROM (SELECT household, village, persons, state FROM households FINAL WHERE version = 1 AND household BETWEEN {low:UInt64} AND {high:UInt64}) AS h
INNER JOIN (SELECT * FROM profiles FINAL WHERE household BETWEEN {low:UInt64} AND {high:UInt64}) AS p USING (household)
