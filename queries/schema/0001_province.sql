-- The first systems: regions, monitored households, leads and their workflow,
-- eliminations and rollbacks, registered households, reported totals, assets; and
-- what the program keeps for itself.
--
-- Keys (household, lead, asset) are keyed hashes that the sender or intake
-- computes; no personal data has a column here. Codes are Enum8, so that a row with
-- a code that the contract does not know is refused by name, whichever door it
-- comes through. State tables keep versions: the row with the highest version of a
-- key is the state, and FINAL reads it. village is the 12-digit code of GB/T 2260
-- and GB/T 10114; its first nine digits are the township.

-- +goose NO TRANSACTION
-- +goose Up

{{create "regions"}}

{{create "households"}}

{{create "leads"}}

{{create "workflow"}}

{{create "eliminations"}}

{{create "registered"}}

{{create "reported_totals"}}

{{create "assets"}}

CREATE TABLE IF NOT EXISTS demo_province
(
    seed      UInt64 COMMENT 'seed that every row of the demo province follows from',
    state     Enum8('loading' = 1, 'still' = 2, 'moved' = 3) COMMENT 'still: exactly the published figures; moved: live events have been written since',
    version   UInt64 COMMENT 'the highest version is the state'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY seed
COMMENT 'a row here marks every figure as 演示数据';

CREATE TABLE IF NOT EXISTS batches
(
    term        UInt64 COMMENT 'term of the leader that computed the batch',
    number      UInt64 COMMENT 'number of the batch; only grows',
    as_of       DateTime64(3, 'UTC') COMMENT 'moment of the cut',
    header      String COMMENT 'the header as published, JSON' CODEC(ZSTD(3)),
    recorded_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'arrival of the row'
)
ENGINE = MergeTree
ORDER BY (number, term)
TTL toDateTime(as_of) + INTERVAL 400 DAY
COMMENT 'every batch that was published: numbers go on from here when Redis has lost its data';

CREATE TABLE IF NOT EXISTS history
(
    id         UUID COMMENT 'identifies this database: numbers of two histories cannot be compared',
    created_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'the oldest row is the history'
)
ENGINE = MergeTree
ORDER BY created_at
COMMENT 'which database the numbers of batches belong to';

INSERT INTO history (id) SELECT generateUUIDv4() WHERE (SELECT count() FROM history) = 0;
