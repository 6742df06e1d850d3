/*
title: 全量农户收入分档
unit: 户
definition: 全部农户的人均年收入与本年监测收入线相比, 分一半及以下、一半至监测线(含)、至1.5倍(含)、至2倍(含)、超过2倍五档; 本年未定线时用最近一年的; 一条线也没有时为缺报
policy: 工作口径, 未见公开文件
source: 治理对象确定子系统
tables: [rural_households, income_lines]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {counts: [households], of: rural_households, partition: income_band}
columns:
  - {name: band, title: 收入档, type: code, codes: income_band}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: persons, title: 人数, type: count, unit: 人}
*/
WITH -- 0 where there is no line: then nobody can say which band a household is in, and every band is missing.
     ifNull((SELECT yuan FROM income_lines FINAL WHERE year <= toYear({now:DateTime('Asia/Shanghai')}) ORDER BY year DESC LIMIT 1), 0) AS line,
     ['to_half', 'to_line', 'to_one_and_half', 'to_double', 'above_double'] AS bands
SELECT place,
       arrayJoin(if(line = 0, bands, [bands[nth]])) AS band,
       if(line = 0, NULL, number) AS households,
       if(line = 0, NULL, size) AS persons
FROM
(
    -- The names of the bands say their edges.
    SELECT intDiv(village, 1000) AS place,
           multiIf(income_per_head * 2 <= line, 1, income_per_head <= line, 2, income_per_head * 2 <= line * 3, 3, income_per_head <= line * 2, 4, 5) AS nth,
           count() AS number,
           sum(persons) AS size
    FROM rural_households FINAL
    GROUP BY place, nth
)
