/*
title: 监测对象画像
about: the profiles of the monitored households, a row each; one without a profile has no row
tables: [profiles, household_states]
*/
SELECT p.household AS household,
       -- The household's row says where it lives now; the profile's may be older.
       h.place AS place,
       p.* EXCEPT (household, village, version, ingested_at)
FROM profiles AS p FINAL
INNER JOIN (SELECT household, place FROM household_states) AS h ON h.household = p.household
