-- Work orders that nobody has answered.
SELECT work_order, village, toString(door) AS door_of, toString(topic) AS topic_of, opened_at, due_at, version
FROM work_orders FINAL
WHERE isNull(answered_at) AND work_order BETWEEN {low:UInt64} AND {high:UInt64}
ORDER BY work_order < {from:UInt64}, work_order
LIMIT {n:UInt64}
