/*
title: 监测对象去留
about: of each monitored household what seldom becomes another - where it lives, whether its risk remains, its first cause and when it was recognised; most of what households are counted by needs no more
tables: [monitored_households]
*/
SELECT household,
       place,
       state,
       causes[1] AS cause,
       recognised_at
FROM monitored_households
