/*
title: 监测对象收入分档
unit: 户
definition: 有画像的监测对象按人均年收入与本年监测收入线相比, 分一半及以下、一半至监测线(含)、至1.5倍(含)、至2倍(含)、超过2倍五档; 人均年收入 = (工资性 + 生产经营性 + 财产性 + 转移性 − 生产经营支出) ÷ 家庭人口; 本年未定线时用最近一年的; 一条线也没有时为缺报
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [household_profiles, income_lines]
regions: [province, county, township]
rows: places
absent: zero
refresh: day
disclosure: {counts: [households], of: monitored, within: with_profile, partition: income_band}
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
    SELECT place,
           multiIf(twice <= due, 1, twice <= due * 2, 2, twice <= due * 3, 3, twice <= due * 4, 4, 5) AS nth,
           count() AS number,
           sum(members) AS size
    FROM
    (
        -- Not divided by persons: the line is taken times them, so that the edges stay
        -- whole, and for the same reason all times two. Expenses may exceed income:
        -- what is below zero is in the lowest band.
        SELECT place,
               persons AS members,
               2 * (toInt64(wage_income + business_income + property_income + transfer_income) - business_expense) AS twice,
               toInt64(line * persons) AS due
        FROM household_profiles
    )
    GROUP BY place, nth
)
