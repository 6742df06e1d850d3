-- Some monitored households were handed on from relative poverty, before they were
-- recognised.
INSERT INTO relative_poverty (household, village, at, event, persons)
SELECT household, village, recognised_at - toIntervalDay(before), event, persons
FROM households FINAL
ARRAY JOIN ['entered', 'handed_on'] AS event,
    [100 + {{below "handed since" "household" "200"}}, 3 + {{below "handed" "household" "20"}}] AS before
WHERE version = 1 AND household BETWEEN {low:UInt64} AND {high:UInt64} AND {{chance "handed on" "household"}} < 0.15
