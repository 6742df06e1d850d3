/*
title: 近30日走访结果
unit: 次
definition: 近30日 (含今日) 从手机应用上报的走访、调查、核实、回访和农户申报, 按结果计次
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准扶贫APP
tables: [visits_daily, regions]
regions: [province, county, township]
absent: zero
refresh: day
disclosure: {shown: "走访是工作次数, 不涉农户状况"}
columns:
  - {name: result, title: 结果, type: code, codes: visit_result}
  - {name: visits, title: 次数, type: count, unit: 次}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today
SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
       toString(t.result) AS result,
       sum(t.visits) AS visits
FROM
(
    SELECT township, result, sum(visits) AS visits
    FROM visits_daily
    WHERE day BETWEEN today - 29 AND today
    GROUP BY township, result
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
GROUP BY scope, result
