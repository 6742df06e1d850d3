/*
title: 项目资金：后一环节 ≤ 前一环节
definition: 各类项目历年的收益户发放不多于村级拨付, 村级拨付不多于市县划分, 市县划分不多于省级下达
policy: warn
metrics: [funds.by_project_kind]
*/
SELECT scope AS region,
       arrayStringConcat(groupArray(concat(fault.1, toString(fault.3 - fault.2), '元')), '; ') AS words,
       toFloat64(any(fault.2)) AS expected,
       toFloat64(any(fault.3)) AS actual
FROM
(
    SELECT scope,
           transform(kind, ['industry', 'infrastructure', 'public_service', 'employment', 'housing'],
                     ['产业发展', '基础设施', '公共服务', '就业培训', '住房饮水'], '其他') AS name,
           toInt64(ifNull(issued, 0)) AS issued,
           toInt64(ifNull(allocated, 0)) AS allocated,
           toInt64(ifNull(paid, 0)) AS paid,
           toInt64(ifNull(granted, 0)) AS granted,
           arrayJoin(arrayFilter(fault -> fault.3 > fault.2, [
               (concat(name, '市县划分比省级下达多'), issued, allocated),
               (concat(name, '村级拨付比市县划分多'), allocated, paid),
               (concat(name, '收益户发放比村级拨付多'), paid, granted)])) AS fault
    FROM "funds.by_project_kind"
    ORDER BY indexOf(['industry', 'infrastructure', 'public_service', 'employment', 'housing', 'other'], kind)
)
GROUP BY region
ORDER BY length(region), region
