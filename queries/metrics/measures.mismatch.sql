/*
title: 风险与措施不匹配
unit: 户
definition: 风险未消除的监测对象按首要风险核对, 因病的须有健康、社会帮扶或综合保障措施, 因学的须有义务教育或其他教育措施; 计划或落实均可, 一项也没有的为不匹配
policy: 中农组发〔2021〕7号《关于健全防止返贫动态监测和帮扶机制的指导意见》
source: 精准施策子系统
tables: [household_states, household_measures]
regions: [province, county, township]
rows: places
absent: zero
refresh: change
disclosure: {counts: [households, cause_measure_mismatch = mismatched, households - mismatched], of: monitored, within: remaining, partition: first_cause, partial: true}
columns:
  - {name: cause, title: 首要风险, type: code, codes: matched_cause}
  - {name: households, title: 户数, type: count, unit: 户}
  - {name: mismatched, title: 不匹配, type: count, unit: 户}
  - {name: rate, title: 不匹配率, type: number, unit: '%', ratio: {of: mismatched, to: households, times: 100, digits: 2}}
*/
SELECT place,
       toString(household_states.cause) AS cause,
       count() AS households,
       countIf(if(household_states.cause = 'illness',
                  household NOT IN (SELECT household FROM household_measures WHERE for_illness > 0),
                  household NOT IN (SELECT household FROM household_measures WHERE for_schooling > 0))) AS mismatched
FROM household_states
WHERE state = 'monitored' AND household_states.cause IN ('illness', 'schooling')
GROUP BY place, cause
