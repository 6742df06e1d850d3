/*
title: 本月缺报部门
unit: 个
definition: 按约定应推送的部门中, 截止日已过而交换平台没有本月批次的为缺报; 空批次算送达, 尚未到期的既不算缺报也不算送达
policy: 中农组发〔2021〕7号 (部门筛查预警); 截止日见参数表 push_schedule 各行依据
source: 数据中心
tables: [exchange_deliveries, push_schedule, regions]
regions: [province]
absent: zero
refresh: day
disclosure: {shown: "部门交换批次, 不涉个人"}
daily: true
columns:
  - {name: missing, title: 缺报部门, type: count, unit: 个}
  - {name: delivered, title: 已送达部门, type: count, unit: 个}
  - {name: expected, title: 应报部门, type: count, unit: 个}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today,
     toStartOfMonth(today) AS this_month,
     (
         SELECT groupUniqArray(department)
         FROM exchange_deliveries FINAL
         -- Nothing is delivered more than a month before its month.
         WHERE toDate(delivered_at, 'Asia/Shanghai') >= addMonths(this_month, -1) AND toStartOfMonth(period) = this_month
     ) AS heard
SELECT toString(province) AS scope,
       countIf(NOT has(heard, department) AND due_day < toDayOfMonth(today)) AS missing,
       countIf(has(heard, department)) AS delivered,
       count() AS expected
FROM push_schedule FINAL
WHERE push_schedule.expected
