/*
title: 建设运行概况
unit: 个
definition: 累计下发的平台账号; 帮扶单位的帮扶责任人之和; 仍在帮扶的帮扶单位; 约定推送的部门接口; 各部门首次交换的记录之和; 数据准确率为有记录以来交换比对一致数占比对数的比例
policy: 未见公开文件, 口径为工作值
source: 数据中心、新型帮扶体系与网格化运行维护子系统
tables: [accounts, organisations, push_schedule, exchange_deliveries, regions]
regions: [province]
absent: zero
refresh: change
disclosure: {shown: "账号与组织不是农户"}
columns:
  - {name: accounts, title: 平台账号, type: count, unit: 个}
  - {name: responsible_persons, title: 帮扶责任人, type: count, unit: 人}
  - {name: assisting_units, title: 帮扶单位, type: count, unit: 个}
  - {name: department_interfaces, title: 部门接口, type: count, unit: 个}
  - {name: first_exchange_records, title: 首次接入记录, type: count, unit: 条}
  - {name: accuracy, title: 数据准确率, type: number, unit: "%"}
*/
SELECT toString(r.code) AS scope,
       (SELECT count() FROM accounts FINAL) AS accounts,
       units.members AS responsible_persons,
       units.organisations AS assisting_units,
       (SELECT count() FROM push_schedule FINAL WHERE expected) AS department_interfaces,
       exchange.first_records AS first_exchange_records,
       100 * exchange.matched / nullIf(exchange.compared, 0) AS accuracy
FROM (SELECT code FROM regions FINAL WHERE level = 'province') AS r
CROSS JOIN
(
    SELECT count() AS organisations, sum(members) AS members
    FROM organisations FINAL
    WHERE kind = 'assisting_unit' AND state = 'active'
) AS units
CROSS JOIN
(
    -- The first exchange is the oldest: the table is read whole, a few rows a department and month.
    SELECT sum(first) AS first_records, sum(matched) AS matched, sum(compared) AS compared
    FROM
    (
        SELECT argMin(records, (delivered_at, delivery)) AS first,
               sum(exchange_deliveries.matched) AS matched,
               sum(exchange_deliveries.compared) AS compared
        FROM exchange_deliveries FINAL
        GROUP BY department
    )
) AS exchange
