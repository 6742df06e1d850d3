-- What one metric showed for a region in the last batch of each day that is known to have
-- been shown: every record says which batch was shown before it.
WITH last AS
(
    SELECT toDate(recorded_at, 'Asia/Shanghai') AS day, argMax((previous_term, previous), previous) AS shown
    FROM batches
    WHERE recorded_at >= toDateTime({from:Date}, 'Asia/Shanghai') AND recorded_at < toDateTime({until:Date}, 'Asia/Shanghai')
      AND number <= {number:UInt64} AND previous > 0
    GROUP BY day
),
batch AS
(
    SELECT term, number, max(full) AS full
    FROM batches
    WHERE number IN (SELECT shown.2 FROM last)
    GROUP BY term, number
)
SELECT last.day AS shown_day, last.shown.2 AS shown_number, argMax(f.rows, f.number) AS last_rows
FROM last
INNER JOIN batch ON batch.term = last.shown.1 AND batch.number = last.shown.2
INNER JOIN
(
    SELECT full, term, number, rows
    FROM batch_frames
    WHERE day >= {from:Date} - 2 AND day <= {until:Date}
      AND full IN (SELECT full FROM batch) AND metric = {metric:String} AND region = {region:String}
) AS f ON f.full = batch.full AND f.term = batch.term
WHERE f.number <= last.shown.2
GROUP BY shown_day, shown_number
ORDER BY shown_day
