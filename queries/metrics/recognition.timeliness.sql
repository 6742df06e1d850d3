/*
title: 识别及时率
unit: '%'
definition: 近90日 (含今日) 识别的线索中, 从上报到识别不超过参数 recognition.limit_working_days 所定工作日数的百分比; 工作日为周一至周五, 上报当日不计, 未剔除法定节假日, 也未计调休
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》; 海南省要求原则上不超过20个工作日
source: 常态化监测子系统
tables: [workflow, leads, parameters]
regions: [province, county, township]
rows: places
absent: zero
note: 工作日未剔除法定节假日
refresh: day
disclosure: {shown: "线索是上报与预警的条数, 不涉农户状况"}
parts: [working_days_in_all]
columns:
  - {name: recognised, title: 识别线索, type: count, unit: 条}
  - {name: in_time, title: 按期识别, type: count, unit: 条}
  - {name: rate, title: 识别及时率, type: number, unit: '%', ratio: {of: in_time, to: recognised, times: 100}}
  - {name: days, title: 平均工作日, type: number, unit: 天, ratio: {of: working_days_in_all, to: recognised}}
*/
WITH toDate({now:DateTime('Asia/Shanghai')}) AS today,
     (SELECT value FROM parameters FINAL WHERE name = 'recognition.limit_working_days') AS limit_days,
     -- Monday to Friday, counted from a Monday (29 December 1969) up to a day.
     (d -> 5 * intDiv(toUInt32(d) + 3, 7) + least((toUInt32(d) + 3) % 7 + 1, 5)) AS working_days
SELECT place,
       count() AS recognised,
       sum(took <= limit_days) AS in_time,
       sum(took) AS working_days_in_all
FROM
(
    SELECT intDiv(w.village, 1000) AS place,
           toInt64(working_days(toDate(w.entered_at, 'Asia/Shanghai'))) - toInt64(working_days(toDate(l.reported_at, 'Asia/Shanghai'))) AS took
    FROM
    (
        SELECT lead, village, entered_at
        FROM workflow FINAL
        WHERE stage = 'recognised' AND toDate(entered_at, 'Asia/Shanghai') BETWEEN today - 89 AND today
    ) AS w
    INNER JOIN (SELECT lead, reported_at FROM leads FINAL) AS l ON l.lead = w.lead
)
GROUP BY place
