/*
title: 线索预测误差
unit: '条'
definition: 线索预测的回测：站在30日前, 只用那以前的数据预测此后30日 (至昨日), 与实际相比; 某日的预测值是此前 forecast.history_days 日 (参数) 内同一星期几的平均数; 平均误差为每日误差绝对值的平均; 百分误差为每日误差占当日实际的平均, 实际为0的日子除外; 区间命中为实际落在当时所给区间内的日数占比, 当时的区间由再往前30日的回测误差得出; 记录不够长的各项不给出
policy: 无政策口径; 方法即定义, 参数为工作值
source: 常态化监测子系统
tables: [lead_days, parameters, regions]
regions: [province, county]
absent: missing
note: 按同星期均值外推, 不是承诺
refresh: day
disclosure: {shown: "预测值与误差, 不是实际户数"}
columns:
  - {name: mae, title: 平均误差, type: number, unit: 条}
  - {name: mape, title: 百分误差, type: number, unit: '%'}
  - {name: inside, title: 区间命中, type: number, unit: '%'}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     toDate({now:DateTime('Asia/Shanghai')}) AS today,
     ifNull((SELECT toUInt32(value) FROM parameters FINAL WHERE name = 'forecast.history_days'), 0) AS history,
     (SELECT value FROM parameters FINAL WHERE name = 'forecast.z') AS z,
     -- How far back the province's records go: a day before is unknown, not 0.
     (SELECT minOrNull(date) FROM lead_days(now = {now:DateTime('Asia/Shanghai')})) AS oldest,
     if(history >= 7, oldest, NULL) AS first -- with less than a week some weekday has no mean
SELECT toString(w.scope) AS scope,
       if(first <= today - 30 - history, sum(arraySum(x -> abs(x - w.mean_then), w.since)) / 30, NULL) AS mae,
       if(first <= today - 30 - history,
          100 * sum(arraySum(x -> if(x = 0, 0, abs(x - w.mean_then) / x), w.since)) / nullIf(sum(arrayCount(x -> x > 0, w.since)), 0),
          NULL) AS mape,
       if(first <= today - 60 - history,
          100 * sum(arrayCount(x -> abs(x - w.mean_then) <= z * w.spread_then, w.since)) / 30,
          NULL) AS inside
FROM
(
    SELECT scope, mean_then, since,
           sqrt(sum(squares_then) OVER (PARTITION BY scope) / 30) AS spread_then
    FROM
    (
        SELECT scope,
               toDayOfWeek(date) AS weekday,
               avgIf(n, date >= today - 30 - history AND date < today - 30) AS mean_then,
               groupArrayIf(n, date >= today - 30) AS since,
               -- The interval of that time rests on the errors of the 30 days before it.
               avgIf(n, date >= today - 60 - history AND date < today - 60) AS mean_before,
               arraySum(x -> pow(x - mean_before, 2), groupArrayIf(n, date >= today - 60 AND date < today - 30)) AS squares_then
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
GROUP BY w.scope
