/*
title: 数据交换：退回不多于送达
definition: 各部门最近一批的退回数不大于记录数
policy: warn
metrics: [exchange.last]
*/
WITH ['medical_insurance', 'health', 'education', 'civil_affairs', 'human_resources', 'housing', 'water', 'disabled_federation', 'emergency', 'public_security', 'agriculture'] AS departments,
     ['医保', '卫健', '教育', '民政', '人社', '住建', '水务', '残联', '应急', '公安', '农业农村'] AS names
SELECT scope AS region,
       concat('退回多于送达: ', arrayStringConcat(arrayMap(d -> transform(d, departments, names, d), arraySort(d -> indexOf(departments, d), groupArrayIf(department, rejected > records))), ', ')) AS words,
       toFloat64(sumIf(records, rejected > records)) AS expected,
       toFloat64(sumIf(rejected, rejected > records)) AS actual
FROM "exchange.last"
GROUP BY region
HAVING countIf(rejected > records) > 0
ORDER BY length(region), region
