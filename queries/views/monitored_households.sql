/*
title: 监测对象
about: the monitored households as they are now, a row each; those taken off the list are left out
tables: [households]
moves: true
*/
SELECT household,
       intDiv(village, 1000) AS place,
       type,
       causes,
       persons,
       state,
       recognised_at
FROM households FINAL
WHERE state != 'removed'
