-- Rows of the demo that only live events can have written.
SELECT sum(n)
FROM
(
    SELECT count() AS n FROM households WHERE version > {first:UInt64} AND household BETWEEN {low:UInt64} AND {high:UInt64}
    UNION ALL
    SELECT count() FROM leads WHERE version > {first:UInt64} AND lead BETWEEN {low:UInt64} AND {high:UInt64}
    UNION ALL
    SELECT count() FROM workflow WHERE version > {first:UInt64} AND lead BETWEEN {low:UInt64} AND {high:UInt64}
    UNION ALL
    SELECT count() FROM registered WHERE version > {first:UInt64} AND household BETWEEN {low:UInt64} AND {high:UInt64}
    UNION ALL
    SELECT count() FROM assets WHERE version > {first:UInt64} AND asset BETWEEN {low:UInt64} AND {high:UInt64}
    UNION ALL
    SELECT count() FROM rural_households WHERE version > {first:UInt64} AND household BETWEEN {low:UInt64} AND {high:UInt64}
    UNION ALL
    SELECT count() FROM profiles WHERE version > {first:UInt64} AND household BETWEEN {low:UInt64} AND {high:UInt64}
    UNION ALL
    SELECT count() FROM measures WHERE version > {first:UInt64} AND measure BETWEEN {low:UInt64} AND {high:UInt64}
    UNION ALL
    SELECT count() FROM work_orders WHERE version > {first:UInt64} AND work_order BETWEEN {low:UInt64} AND {high:UInt64}
)
