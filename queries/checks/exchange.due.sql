/*
title: 数据交换：应报部门均已送达
definition: 截止日已过的应报部门都有本月批次; 没有的逐一列出
policy: note
metrics: [exchange.last]
*/
WITH ['medical_insurance', 'health', 'education', 'civil_affairs', 'human_resources', 'housing', 'water', 'disabled_federation', 'emergency', 'public_security', 'agriculture'] AS departments,
     ['医保', '卫健', '教育', '民政', '人社', '住建', '水务', '残联', '应急', '公安', '农业农村'] AS names
SELECT scope AS region,
       concat('缺报: ', arrayStringConcat(arrayMap(d -> transform(d, departments, names, d), arraySort(d -> indexOf(departments, d), groupArrayIf(department, state = '缺报'))), ', ')) AS words,
       toFloat64(countIf(state IN ('已送达', '空报', '缺报'))) AS expected,
       toFloat64(countIf(state IN ('已送达', '空报'))) AS actual
FROM "exchange.last"
GROUP BY region
HAVING expected != actual
ORDER BY length(region), region
