/*
title: 措施：已覆盖 + 未覆盖 = 风险未消除
definition: 有措施与无措施的户之和等于风险未消除的监测对象
policy: warn
equal:
  expected:
    # Coverage is listed where monitoring applies; a household elsewhere has no side to compare.
    - {metric: risk.remaining, applicable: true}
  actual:
    - {metric: measures.coverage, take: {households: covered + uncovered}}
  figures:
    - {name: households, unit: 户}
*/
