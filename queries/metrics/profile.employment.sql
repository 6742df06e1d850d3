/*
title: 就业状况
unit: 户
definition: 有画像的监测对象按就业划分：至少一人就业; 有劳动力而无人就业; 无劳动力且无人就业; 技能、普通、弱或半劳动力计为有劳动力
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 常态化监测子系统
tables: [household_profiles]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households], of: monitored, within: with_profile, partition: employment}
columns:
  - {name: employment, title: 就业, type: code, codes: employment}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: labour, title: 劳动力, type: count, unit: 人}
  - {name: employed, title: 就业人数, type: count, unit: 人}
*/
SELECT place,
       multiIf(p.employed > 0, 'employed', labour_skilled + labour_ordinary + labour_weak > 0, 'idle', 'no_labour') AS employment,
       count() AS households,
       sum(labour_skilled + labour_ordinary + labour_weak) AS labour,
       sum(p.employed) AS employed
FROM household_profiles AS p
GROUP BY place, employment
