/*
title: 相对贫困对象
unit: 户
definition: 正在相对贫困监测中的农户：最近一次变动为纳入的; 改善退出、转常态化监测后再纳入的计入, 一户计一次
policy: 工作口径, 未见公开文件
source: 相对贫困监测子系统
tables: [relative_poverty]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: rural_households, partition: standing, part: relative}
daily: true
columns:
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
SELECT intDiv(village, 1000) AS place,
       count() AS households,
       sum(persons) AS persons
FROM
(
    -- Of two events at one moment leaving comes after entering. The order is that of
    -- the table, so that nothing has to be sorted.
    SELECT event, village, persons
    FROM relative_poverty FINAL
    ORDER BY household DESC, at DESC, event DESC
    LIMIT 1 BY household
)
WHERE event = 'entered'
GROUP BY place
