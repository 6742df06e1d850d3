/*
title: 未来30日线索预测
unit: '条'
definition: 今日起30日每日线索的预测; 某日的预测值是此前 forecast.history_days 日 (参数) 内同一星期几的平均数, 不含今日; 区间为预测值 ± forecast.z (参数, 1.28约合八成) × 回测误差, 下限不低于0; 回测：用同样的方法站在30日前, 只用那以前的数据预测此后30日, 误差为预测与实际之差的均方根; 全省记录不足 forecast.history_days 日的没有预测, 再不足30日回测的没有区间
policy: 无政策口径; 方法即定义, 参数为工作值
source: 常态化监测子系统
tables: [lead_days, parameters, regions]
regions: [province, county]
absent: missing
note: 按同星期均值外推, 不是承诺
refresh: day
disclosure: {shown: "预测值与误差, 不是实际户数"}
columns:
  - {name: day, title: 日期, type: date}
  - {name: expected, title: 预测, type: number, unit: 条}
  - {name: low, title: 下限, type: number, unit: 条}
  - {name: high, title: 上限, type: number, unit: 条}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today,
     ifNull((SELECT toUInt32(value) FROM parameters FINAL WHERE name = 'forecast.history_days'), 0) AS history,
     (SELECT value FROM parameters FINAL WHERE name = 'forecast.z') AS z,
     -- How far back the province's records go: a day before is unknown, not 0.
     (SELECT minOrNull(date) FROM lead_days(now = {now:DateTime('Asia/Shanghai')})) AS oldest,
     if(history >= 7, oldest, NULL) AS first -- with less than a week some weekday has no mean
SELECT toString(w.scope) AS scope,
       toString(today + ahead) AS day,
       if(first <= today - history, w.mean, NULL) AS expected,
       if(first <= today - 30 - history, greatest(w.mean - z * w.spread, 0), NULL) AS low,
       if(first <= today - 30 - history, w.mean + z * w.spread, NULL) AS high
FROM
(
    SELECT scope, weekday, mean,
           sqrt(sum(squares) OVER (PARTITION BY scope) / 30) AS spread
    FROM
    (
        SELECT scope,
               toDayOfWeek(date) AS weekday,
               avgIf(n, date >= today - history) AS mean,
               -- The same, as it would have been said 30 days ago, and how far it was off since.
               avgIf(n, date >= today - 30 - history AND date < today - 30) AS mean_then,
               arraySum(x -> pow(x - mean_then, 2), groupArrayIf(n, date >= today - 30)) AS squares
        FROM
        (
            SELECT scope, date, sum(n) AS n
            FROM
            (
                SELECT arrayJoin(if(r.code = 0, [province], [r.parent, province])) AS scope, t.date AS date, t.n AS n
                FROM
                (
                    SELECT place, date, leads AS n
                    FROM lead_days(now = {now:DateTime('Asia/Shanghai')})
                    WHERE date >= today - 60 - history
                ) AS t
                LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.place
                UNION ALL
                -- Every day of every region: a day with none is a 0 of the series.
                SELECT code, today - arrayJoin(range(1, 61 + history)), 0
                FROM regions FINAL
                WHERE level IN ('province', 'county') AND applicable
            )
            GROUP BY scope, date
        )
        GROUP BY scope, weekday
    )
) AS w
ARRAY JOIN arrayFilter(i -> toDayOfWeek(today + i) = w.weekday, range(30)) AS ahead
ORDER BY w.scope, ahead
