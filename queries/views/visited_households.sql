/*
title: 按期走访的户
about: the households that were visited in the days within which a visit is due; none where these days are not set
tables: [visits, parameters]
refresh: day
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today,
     (SELECT value FROM parameters FINAL WHERE name = 'visit.due_days') AS due_days
-- A visit that arrived twice visits the same household: nothing to merge.
SELECT DISTINCT household
FROM visits
WHERE toDate(at, 'Asia/Shanghai') > today - toInt32(assumeNotNull(due_days)) AND toDate(at, 'Asia/Shanghai') <= today
  AND kind != 'self_report'
