/*
title: 帮扶措施到户
about: what measures a household has had, a row each household that has any - how many are delivered, how many of them develop it, how many are for illness and for schooling, and the years in which any was delivered
tables: [measures]
moves: true
*/
SELECT household,
       countIf(delivered_at IS NOT NULL) AS delivered,
       countIf(delivered_at IS NOT NULL
               AND kind IN ('industry', 'employment', 'finance', 'public_post', 'consumption')) AS development,
       countIf(kind IN ('health', 'social_assistance', 'comprehensive_security')) AS for_illness,
       countIf(kind IN ('compulsory_education', 'other_education')) AS for_schooling,
       groupUniqArrayIf(toYear(assumeNotNull(delivered_at), 'Asia/Shanghai'), delivered_at IS NOT NULL) AS years
FROM measures FINAL
GROUP BY household
