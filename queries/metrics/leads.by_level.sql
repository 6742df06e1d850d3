/*
title: 线索预警等级
unit: 条
definition: 收到的全部线索按预警等级 (红、黄、绿) 划分; 没有给出等级的列为未定级
policy: 预警等级照报送方所给, 未见公开文件
source: 常态化监测子系统
tables: [leads]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {shown: "线索是上报与预警的条数, 不涉农户状况"}
daily: true
columns:
  - {name: level, title: 预警等级, type: code, codes: warning_level}
  - {name: leads, title: 线索数, type: count, unit: 条}
*/
SELECT intDiv(village, 1000) AS place,
       ifNull(toString(level), 'ungraded') AS level,
       count() AS leads
FROM leads FINAL
GROUP BY place, level
