/*
title: 今日简报
unit: 份
definition: 今日应送的定时简报, 已开始的按送达情况划分; 未送达含仍在重试的和不能确定是否发出的; 未到时间的不计
policy: GB/T 22239-2019《信息安全技术 网络安全等级保护基本要求》; 统计口径为工作值
source: 网格化运行维护子系统
tables: [briefing_runs, regions]
regions: [province]
absent: zero
refresh: day
disclosure: {shown: "简报送达不涉农户"}
columns:
  - {name: delivered, title: 已送达, type: count, unit: 份}
  - {name: failed, title: 未送达, type: count, unit: 份}
*/
SELECT toString((SELECT max(code) FROM regions FINAL WHERE level = 'province')) AS scope,
       countIf(state = 'delivered') AS delivered,
       countIf(state IN ('failed', 'doubtful')) AS failed
FROM briefing_runs FINAL
WHERE toDate(due_at, 'Asia/Shanghai') = toDate({now:DateTime('Asia/Shanghai')}, 'Asia/Shanghai')
