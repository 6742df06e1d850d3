/*
title: 线索预警等级
unit: 条
definition: 收到的全部线索按预警等级 (红、黄、绿) 划分; 没有给出等级的列为未定级
policy: 预警等级照报送方所给, 未见公开文件
source: 常态化监测子系统
tables: [leads, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {shown: "线索是上报与预警的条数, 不涉农户状况"}
daily: true
columns:
  - {name: level, title: 预警等级, type: code, codes: warning_level}
  - {name: leads, title: 线索数, type: count, unit: 条}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       t.level AS level,
       sum(t.leads) AS leads
FROM
(
    SELECT intDiv(village, 1000) AS township,
           ifNull(toString(level), 'ungraded') AS level,
           count() AS leads
    FROM leads FINAL
    GROUP BY township, level
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, level
