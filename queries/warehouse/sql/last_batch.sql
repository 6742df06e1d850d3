-- Newest rows first: a leader that was deposed may have recorded a batch late, so the
-- newest term, number and batch shown need not stand in one row.
SELECT max(term) AS last_term, max(number) AS last_number, argMax(previous_term, previous) AS shown_term, max(previous) AS shown
FROM
(
    SELECT term, number, previous_term, previous
    FROM batches
    ORDER BY number DESC, term DESC
    LIMIT 1000
)
