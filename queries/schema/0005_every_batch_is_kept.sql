-- Every batch is recorded before it is shown: its header, what it is a change of, what
-- was shown before it, and its frames. Rows of batches stay, so that numbers go on and
-- every number can be accounted for; headers and frames expire.

-- +goose NO TRANSACTION
-- +goose Up

-- A table's TTL cannot be removed where there is none, and a migration may run again.
ALTER TABLE batches MODIFY TTL toDateTime(as_of) + INTERVAL 400 DAY SETTINGS materialize_ttl_after_modify = 0;
ALTER TABLE batches REMOVE TTL;

ALTER TABLE batches
    MODIFY COLUMN term UInt64 COMMENT 'term of the leader that computed the batch' CODEC(Delta, ZSTD),
    MODIFY COLUMN number UInt64 COMMENT 'number of the batch; only grows' CODEC(Delta, ZSTD),
    MODIFY COLUMN as_of DateTime64(3, 'UTC') COMMENT 'moment of the cut' CODEC(DoubleDelta, ZSTD),
    MODIFY COLUMN recorded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'when the batch was recorded, by the clock of the leader; it was shown just after' CODEC(DoubleDelta, ZSTD),
    MODIFY COLUMN header String COMMENT 'the header as published, JSON; empty when it has expired, and in a row that only says what was shown' CODEC(ZSTD(3)) TTL toDateTime(recorded_at) + INTERVAL 32 DAY,
    ADD COLUMN IF NOT EXISTS base UInt64 COMMENT 'the batch that this one was published as a change of; 0: with all frames' CODEC(Delta, ZSTD),
    ADD COLUMN IF NOT EXISTS previous_term UInt64 COMMENT 'term of the batch previous' CODEC(Delta, ZSTD),
    ADD COLUMN IF NOT EXISTS previous UInt64 COMMENT 'the last batch known to have been shown; its own number in a row that only says that' CODEC(Delta, ZSTD),
    ADD COLUMN IF NOT EXISTS doubt Bool COMMENT 'Redis had lost its data: whether batches between previous and this one were shown is not known',
    ADD COLUMN IF NOT EXISTS full UInt64 COMMENT 'the batch at or before this one of which all frames are recorded; 0: its frames are not recorded' CODEC(Delta, ZSTD),
    ADD COLUMN IF NOT EXISTS frames UInt32 COMMENT 'frames recorded with this batch' CODEC(ZSTD),
    ADD INDEX IF NOT EXISTS recorded_at_range recorded_at TYPE minmax GRANULARITY 1,
    MODIFY COMMENT 'every batch that was computed to be shown: numbers go on from here when Redis has lost its data';

CREATE TABLE IF NOT EXISTS batch_frames
(
    full    UInt64 COMMENT 'the batch of which all frames are recorded and that this one is laid over' CODEC(Delta, ZSTD),
    term    UInt64 COMMENT 'term of the leader that computed the batch' CODEC(Delta, ZSTD),
    metric  LowCardinality(String) COMMENT 'id of the metric',
    region  LowCardinality(String) COMMENT 'code of the region that the answer is for',
    number  UInt64 COMMENT 'number of the batch that the frame was recorded with' CODEC(Delta, ZSTD),
    changed UInt64 COMMENT 'number of the batch in which the rows were first shown' CODEC(Delta, ZSTD),
    as_of   DateTime64(3, 'UTC') COMMENT 'moment of the cut of batch number' CODEC(Delta, ZSTD),
    day     Date COMMENT 'when it was recorded',
    rows    String COMMENT 'the rows as published, JSON' CODEC(ZSTD)
)
ENGINE = MergeTree
PARTITION BY day
-- What a batch is rebuilt from lies together, and in it what one metric showed for a
-- region over time.
ORDER BY (full, term, metric, region, number)
TTL day + INTERVAL 32 DAY
SETTINGS index_granularity = 1024, ttl_only_drop_parts = 1
COMMENT 'the frames of every batch: those that changed, and all of them every few hours';
