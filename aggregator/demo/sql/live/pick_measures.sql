-- Measures that are planned and not delivered.
SELECT measure, household, village, toString(kind) AS sort, planned_at, planned_amount, version
FROM measures FINAL
WHERE isNull(delivered_at) AND measure BETWEEN {low:UInt64} AND {high:UInt64}
ORDER BY measure < {from:UInt64}, measure
LIMIT {n:UInt64}
