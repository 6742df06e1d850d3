/*
title: 服务健康
unit: "%"
definition: 各服务的最近状态与最近探测时间; 可用率为近24小时探测中有应答的比例, 响应为其中有应答的探测的中位毫秒数; 超过 service.silent_minutes 分钟没有探测的为缺报
policy: GB/T 22239-2019《信息安全技术 网络安全等级保护基本要求》; 统计口径为工作值
source: 网格化运行维护子系统
tables: [service_health, parameters, regions]
regions: [province]
absent: missing
refresh: minute
disclosure: {shown: "服务不涉个人"}
columns:
  - {name: service, title: 服务, type: code, codes: service}
  - {name: state, title: 状态, type: text}
  - {name: last_probe, title: 最近探测, type: text}
  - {name: availability, title: 可用率, type: number, unit: "%"}
  - {name: milliseconds, title: 响应, type: number, unit: 毫秒}
*/
WITH {now:DateTime('Asia/Shanghai')} - toIntervalMinute((SELECT value FROM parameters FINAL WHERE name = 'service.silent_minutes')) AS heard_after
SELECT toString((SELECT max(code) FROM regions FINAL WHERE level = 'province')) AS scope,
       toString(t.service) AS service,
       if(t.last >= heard_after, if(t.up, '正常', '中断'), NULL) AS state,
       formatDateTime(t.last, '%Y-%m-%d %H:%i:%S', 'Asia/Shanghai') AS last_probe,
       if(t.last >= heard_after, 100 * t.answered / t.probes, NULL) AS availability,
       if(t.last >= heard_after AND t.answered > 0, t.median, NULL) AS milliseconds
FROM
(
    SELECT service,
           max(at) AS last,
           argMax(up, at) AS up,
           count() AS probes,
           countIf(service_health.up) AS answered,
           quantileExactInclusiveIf(0.5)(milliseconds, service_health.up) AS median
    FROM service_health FINAL
    WHERE at >= {now:DateTime('Asia/Shanghai')} - toIntervalDay(1)
    GROUP BY service
) AS t
