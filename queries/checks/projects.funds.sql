/*
title: 项目资金：后一环节 ≤ 前一环节
definition: 各类项目历年的收益户发放不多于村级拨付, 村级拨付不多于市县划分, 市县划分不多于省级下达
policy: warn
metrics: [funds.by_project_kind]
*/
SELECT region,
       arrayStringConcat(groupArray(words), '; ') AS words,
       toFloat64(sum(before)) AS expected,
       toFloat64(sum(after)) AS actual
FROM
(
    SELECT scope AS region,
           kind,
           multiIf(allocated > issued, ('市县划分比省级下达多', issued, allocated),
                   paid > allocated, ('村级拨付比市县划分多', allocated, paid),
                   ('收益户发放比村级拨付多', paid, granted)) AS fault,
           assumeNotNull(fault.2) AS before,
           assumeNotNull(fault.3) AS after,
           concat(transform(kind, ['industry', 'infrastructure', 'public_service', 'employment', 'housing'],
                            ['产业发展', '基础设施', '公共服务', '就业培训', '住房饮水'], '其他'),
                  fault.1, toString(toInt64(after - before)), '元') AS words
    FROM "funds.by_project_kind"
    WHERE allocated > issued OR paid > allocated OR granted > paid
    ORDER BY indexOf(['industry', 'infrastructure', 'public_service', 'employment', 'housing', 'other'], kind)
)
GROUP BY region
ORDER BY length(region), region
