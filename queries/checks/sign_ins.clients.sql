/*
title: 登录：网页 + 手机 = 合计
definition: 近三十日网页与手机登录之和等于登录次数
policy: warn
metrics: [sign_ins.by_day]
*/
SELECT region,
       concat('不平, 差', toString(abs(e_sign_ins - a_sign_ins)), '次') AS words,
       toFloat64(e_sign_ins) AS expected,
       toFloat64(a_sign_ins) AS actual
FROM
(
    SELECT scope AS region,
           sumIf(toInt64(ifNull(sign_ins, 0)), side = 'expected') AS e_sign_ins,
           sumIf(toInt64(ifNull(sign_ins, 0)), side = 'actual') AS a_sign_ins
    FROM
    (
        SELECT 'expected' AS side, scope, sign_ins
        FROM "sign_ins.by_day"
        UNION ALL
        SELECT 'actual' AS side, scope, web AS sign_ins
        FROM "sign_ins.by_day"
        UNION ALL
        SELECT 'actual' AS side, scope, app AS sign_ins
        FROM "sign_ins.by_day"
    )
    GROUP BY region
)
WHERE e_sign_ins != a_sign_ins
ORDER BY length(region), region
