/*
title: 应急事件
unit: 户
definition: 响应尚未结束的应急事件, 新的在前; 受影响户数、人数、损失与救助为本区划内现有逐户登记之和; 数据截止时间与数据暂不含照报送方所注, 不据以筛选; 没有行即没有进行中的事件
policy: 《中华人民共和国突发事件应对法》
source: 应急响应监测子系统
tables: [emergencies, emergency_households, regions]
regions: [province, county, township]
absent: zero
refresh: change
disclosure: {counts: [households], of: emergency, leading: true}
columns:
  - {name: name, title: 事件名称, type: text}
  - {name: kind, title: 事件类别, type: text}
  - {name: level, title: 响应级别, type: text}
  - {name: cutoff, title: 数据截止时间, type: text}
  - {name: plan, title: 预案, type: text}
  - {name: excludes, title: 数据暂不含, type: text}
  - {name: households, title: 受影响户数, type: count, unit: 户}
  - {name: persons, title: 受影响人数, type: count, unit: 人}
  - {name: loss, title: 损失, type: money, unit: 元}
  - {name: relief, title: 已救助金额, type: money, unit: 元}
*/
WITH (SELECT max(code) FROM regions FINAL WHERE level = 'province') AS province,
     -- Names as in the code lists emergency_kind and emergency_level: a column of text stands on the glass as it is.
     (['typhoon', 'flood', 'drought', 'epidemic', 'price', 'areca', 'other'], ['台风', '洪涝', '干旱', '疫情', '价格波动', '槟榔', '其他']) AS kinds,
     (['first', 'second', 'third', 'fourth'], ['Ⅰ级', 'Ⅱ级', 'Ⅲ级', 'Ⅳ级']) AS levels
SELECT h.scope AS scope,
       e.name AS name,
       transform(toString(e.kind), kinds.1, kinds.2, '') AS kind,
       transform(toString(e.level), levels.1, levels.2, '') AS level,
       formatDateTime(e.cutoff_at, '%Y-%m-%d %H:%i', 'Asia/Shanghai') AS cutoff,
       e.plan AS plan,
       e.excludes AS excludes,
       h.households AS households,
       h.persons AS persons,
       h.loss AS loss,
       h.relief AS relief
FROM
(
    SELECT toString(arrayJoin(if(r.code = 0, [province], [r.code, r.parent, province]))) AS scope,
           t.emergency AS emergency,
           sum(t.households) AS households,
           sum(t.persons) AS persons,
           sum(t.loss) AS loss,
           sum(t.relief) AS relief
    FROM
    (
        SELECT emergency,
               intDiv(village, 1000) AS township,
               count() AS households,
               sum(persons) AS persons,
               sum(loss) AS loss,
               sum(relief) AS relief
        FROM emergency_households FINAL
        WHERE emergency IN (SELECT emergency FROM emergencies FINAL WHERE ended_at IS NULL)
        GROUP BY emergency, township
        UNION ALL
        -- An event goes on in every region, also where it hit nobody.
        SELECT emergency, arrayJoin((SELECT groupArray(code) FROM regions FINAL WHERE level = 'township' AND applicable)), 0, 0, 0, 0
        FROM emergencies FINAL
        WHERE ended_at IS NULL
    ) AS t
    LEFT JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS r ON r.code = t.township
    GROUP BY scope, emergency
) AS h
INNER JOIN (SELECT * FROM emergencies FINAL WHERE ended_at IS NULL) AS e ON e.emergency = h.emergency
ORDER BY scope, e.started_at DESC, e.emergency DESC
