/*
title: 应急：部门响应所属事件已登记
definition: 部门应急响应所属的事件都在应急事件中
policy: warn
metrics: [emergency.by_department]
tables: [emergencies, emergency_responses, regions]
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province
SELECT toString(arrayJoin(if(r.code = 0, [province], arrayDistinct([r.code, r.parent, province])))) AS region,
       concat(toString(sum(t.responses)), '次响应所属事件未登记') AS words,
       toFloat64(0) AS expected,
       toFloat64(sum(t.responses)) AS actual
FROM
(
    SELECT region, count() AS responses
    FROM emergency_responses FINAL
    WHERE emergency NOT IN (SELECT emergency FROM emergencies FINAL)
    GROUP BY region
) AS t
LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level IN ('county', 'township')) AS r ON r.code = t.region
GROUP BY region
ORDER BY length(region), region
