/*
title: 画像：年龄段人数合计 = 家庭人口
definition: 有画像的监测对象各年龄段人数之和等于家庭人口之和
policy: note
metrics: [profile.by_size, profile.by_age]
*/
SELECT region,
       concat('不平, 差', toString(abs(e_persons - a_persons)), '人') AS words,
       toFloat64(e_persons) AS expected,
       toFloat64(a_persons) AS actual
FROM
(
    -- A side without rows is 0; its sum alone would be NULL, which differs from nothing.
    SELECT scope AS region,
           sumIf(toInt64(ifNull(persons, 0)), side = 'expected') AS e_persons,
           sumIf(toInt64(ifNull(persons, 0)), side = 'actual') AS a_persons
    FROM
    (
        SELECT 'expected' AS side, scope, persons FROM "profile.by_size"
        UNION ALL
        SELECT 'actual' AS side, scope, persons FROM "profile.by_age"
    )
    GROUP BY region
)
WHERE e_persons != a_persons
ORDER BY length(region), region
