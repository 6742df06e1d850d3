/*
title: 部门数据交换月历
unit: 条
definition: 近12个月 (含本月) 各部门每月送达的记录数, 按批次所属月份计, 一月多批相加; 按约定应推送而截止日已过没有批次的为缺报, 送达空批次的为0; 尚未到期和约定不要求的也为0, 由状态列说明; 约定表没有起始日, 约定前的月份同样按应推送计
policy: 中农组发〔2021〕7号 (部门筛查预警); 截止日见参数表 push_schedule 各行依据
source: 数据中心
tables: [exchange_deliveries, push_schedule, regions]
regions: [province]
absent: zero
note: 缺报不是0
refresh: day
disclosure: {shown: "部门交换批次, 不涉个人"}
columns:
  - {name: department, title: 部门, type: code, codes: department}
  - {name: month, title: 所属月份, type: date}
  - {name: records, title: 记录数, type: count, unit: 条}
  - {name: state, title: 状态, type: text}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today,
     toStartOfMonth(today) AS this_month,
     addMonths(this_month, -11) AS first_month
SELECT toString(province) AS scope,
       toString(s.department) AS department,
       toString(s.month) AS month,
       multiIf(sum(s.delivery) > 0, sum(s.records), max(s.due) = 1, NULL, 0) AS records,
       multiIf(sum(s.delivery) > 0, if(sum(s.records) > 0, '已送达', '空报'),
               max(s.due) = 1, '缺报',
               max(s.expected) = 1, '未到期', '不要求') AS state
FROM
(
    SELECT department, toStartOfMonth(period) AS month, records, 1 AS delivery, 0 AS due, 0 AS expected
    FROM exchange_deliveries FINAL
    -- Nothing is delivered more than a month before its month.
    WHERE toDate(delivered_at, 'Asia/Shanghai') >= addMonths(first_month, -1) AND month BETWEEN first_month AND this_month
    UNION ALL
    SELECT department,
           addMonths(this_month, -arrayJoin(range(12))) AS month,
           0, 0,
           expected AND (month < this_month OR due_day < toDayOfMonth(today)),
           expected
    FROM push_schedule FINAL
) AS s
GROUP BY s.department, s.month
ORDER BY s.department, s.month
