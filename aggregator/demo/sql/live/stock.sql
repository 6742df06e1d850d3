-- How many of each thing the demo has.
SELECT 'lead' AS thing, count() AS n FROM leads FINAL
WHERE lead BETWEEN {low:UInt64} AND {high:UInt64}
UNION ALL
SELECT concat('stage.', toString(stage)), count() FROM workflow FINAL
WHERE lead BETWEEN {low:UInt64} AND {high:UInt64}
GROUP BY stage
UNION ALL
SELECT concat('household.', toString(state)), count() FROM households FINAL
WHERE household BETWEEN {low:UInt64} AND {high:UInt64}
GROUP BY state
UNION ALL
SELECT concat('stability.', toString(stability)), count() FROM registered FINAL
WHERE household BETWEEN {low:UInt64} AND {high:UInt64}
GROUP BY stability
UNION ALL
SELECT concat('asset.', toString(state)), count() FROM assets FINAL
WHERE asset BETWEEN {low:UInt64} AND {high:UInt64}
GROUP BY state
UNION ALL
SELECT 'order.open', count() FROM work_orders FINAL
WHERE isNull(answered_at) AND work_order BETWEEN {low:UInt64} AND {high:UInt64}
UNION ALL
SELECT 'measure.open', count() FROM measures FINAL
WHERE isNull(delivered_at) AND measure BETWEEN {low:UInt64} AND {high:UInt64}
