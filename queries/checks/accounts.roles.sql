/*
title: 平台账号：角色合计 = 总数
definition: 各角色启用与停用的账号之和等于账号总数, 启用的之和等于启用总数
policy: hold
metrics: [accounts.total, accounts.by_role]
*/
SELECT region,
       concat('不平, ', arrayStringConcat(arrayFilter(w -> w != '',
       [
           if(e_accounts = a_accounts, '', concat('账号差', toString(abs(e_accounts - a_accounts)), '个')),
           if(e_enabled = a_enabled, '', concat('启用差', toString(abs(e_enabled - a_enabled)), '个'))
       ]), ', ')) AS words,
       toFloat64(multiIf(e_accounts != a_accounts, e_accounts, e_enabled)) AS expected,
       toFloat64(multiIf(e_accounts != a_accounts, a_accounts, a_enabled)) AS actual
FROM
(
    SELECT scope AS region,
           sumIf(toInt64(ifNull(accounts, 0)), side = 'expected') AS e_accounts,
           sumIf(toInt64(ifNull(accounts, 0)), side = 'actual') AS a_accounts,
           sumIf(toInt64(ifNull(enabled, 0)), side = 'expected') AS e_enabled,
           sumIf(toInt64(ifNull(enabled, 0)), side = 'actual') AS a_enabled
    FROM
    (
        SELECT 'expected' AS side, scope, accounts, enabled
        FROM "accounts.total"
        UNION ALL
        SELECT 'actual' AS side, scope, ifNull(enabled, 0) + ifNull(disabled, 0) AS accounts, enabled
        FROM "accounts.by_role"
    )
    GROUP BY region
)
WHERE e_accounts != a_accounts OR e_enabled != a_enabled
ORDER BY length(region), region
