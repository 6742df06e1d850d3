-- On a cluster, the parts on a shard of the tables that migrations make for the program
-- itself: as the newest migration leaves them. A test holds them against those.

CREATE TABLE IF NOT EXISTS demo_province_local
(
    seed      UInt64 COMMENT 'seed that every row of the demo province follows from',
    state     Enum8('loading' = 1, 'still' = 2, 'moved' = 3) COMMENT 'still: exactly the published figures; moved: live events have been written since',
    version   UInt64 COMMENT 'the highest version is the state'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY seed
COMMENT 'a row here marks every figure as 演示数据';

CREATE TABLE IF NOT EXISTS history_local
(
    id         UUID COMMENT 'identifies this database: numbers of two histories cannot be compared',
    created_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'the oldest row is the history'
)
ENGINE = MergeTree()
ORDER BY created_at
COMMENT 'which database the numbers of batches belong to';

CREATE TABLE IF NOT EXISTS batches_local
(
    term        UInt64 COMMENT 'term of the leader that computed the batch' CODEC(Delta, ZSTD),
    number      UInt64 COMMENT 'number of the batch; only grows' CODEC(Delta, ZSTD),
    as_of       DateTime64(3, 'UTC') COMMENT 'moment of the cut' CODEC(DoubleDelta, ZSTD),
    header      String COMMENT 'the header as published, JSON; empty when it has expired, and in a row that only says what was shown' CODEC(ZSTD(3)) TTL toDateTime(recorded_at) + INTERVAL 32 DAY,
    recorded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'when the batch was recorded, by the clock of the leader; it was shown just after' CODEC(DoubleDelta, ZSTD),
    base UInt64 COMMENT 'the batch that this one was published as a change of; 0: with all frames' CODEC(Delta, ZSTD),
    previous_term UInt64 COMMENT 'term of the batch previous' CODEC(Delta, ZSTD),
    previous UInt64 COMMENT 'the last batch known to have been shown; its own number in a row that only says that' CODEC(Delta, ZSTD),
    doubt Bool COMMENT 'Redis had lost its data: whether batches between previous and this one were shown is not known',
    full UInt64 COMMENT 'the batch at or before this one of which all frames are recorded; 0: its frames are not recorded' CODEC(Delta, ZSTD),
    frames UInt32 COMMENT 'frames recorded with this batch' CODEC(ZSTD),
    INDEX recorded_at_range recorded_at TYPE minmax GRANULARITY 1
)
ENGINE = MergeTree()
ORDER BY (number, term)
COMMENT 'every batch that was computed to be shown: numbers go on from here when Redis has lost its data';

CREATE TABLE IF NOT EXISTS batch_frames_local
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
ENGINE = MergeTree()
PARTITION BY day
ORDER BY (full, term, metric, region, number)
TTL day + INTERVAL 32 DAY
SETTINGS index_granularity = 1024, ttl_only_drop_parts = 1
COMMENT 'the frames of every batch: those that changed, and all of them every few hours';
