-- Whether all that was recorded from the full batch on is still there.
SELECT
    (
        SELECT sum(frames)
        FROM batches
        WHERE number BETWEEN {full:UInt64} AND {number:UInt64} AND term = {term:UInt64} AND full = {full:UInt64}
    ) AS recorded,
    (
        SELECT count()
        FROM batch_frames
        WHERE day BETWEEN {day:Date} - 1 AND {day:Date} + 1
          AND full = {full:UInt64} AND term = {term:UInt64} AND number <= {number:UInt64}
    ) AS present
