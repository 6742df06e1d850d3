-- The province as rows: regions, monitored households, leads and their workflow,
-- eliminations and rollbacks, registered households, reported totals, assets.
--
-- Keys (household, lead, asset) are keyed hashes that the sender computes; no
-- personal data has a column here. Codes are Enum8, so that a row with a code that
-- the contract does not know is refused by name, whichever door it comes through.
-- State tables keep versions: the row with the highest version of a key is the
-- state, and FINAL reads it. village is the 12-digit code of GB/T 2260 and
-- GB/T 10114; its first nine digits are the township.

-- +goose NO TRANSACTION
-- +goose Up

CREATE TABLE IF NOT EXISTS regions
(
    code             UInt64 COMMENT 'GB/T 2260 code: 6 digits for province and county, 9 for a township, 12 for a village',
    level            Enum8('province' = 1, 'county' = 2, 'township' = 3, 'village' = 4) COMMENT 'level in the tree',
    parent           UInt64 COMMENT 'code of the region above, 0 for the province',
    name             String COMMENT 'name in Chinese',
    applicable       Bool DEFAULT true COMMENT 'false where household metrics do not apply (三沙市): shown as 不适用, never as 0',
    rural_households UInt32 DEFAULT 0 COMMENT 'rural households, an estimate, households',
    code_set         UInt16 DEFAULT 2023 COMMENT 'year of the code set: codes meant other counties before',
    version          UInt64 COMMENT 'the highest version of a code is its state',
    ingested_at      DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'arrival of the row',
    CONSTRAINT code_digits CHECK length(toString(code)) IN (6, 9, 12)
)
ENGINE = ReplacingMergeTree(version)
ORDER BY code
COMMENT '区划';

CREATE TABLE IF NOT EXISTS households
(
    household     UInt64 COMMENT 'keyed hash of the household',
    village       UInt64 COMMENT '12-digit village code',
    type          Enum8('unstable_lifted' = 1, 'marginal_poor' = 2, 'sudden_hardship' = 3) COMMENT '监测对象类型',
    causes        Array(Enum8('illness' = 1, 'disability' = 2, 'schooling' = 3, 'disaster' = 4, 'accident' = 5, 'labour_shortage' = 6, 'failed_production' = 7, 'unstable_employment' = 8, 'housing' = 9, 'drinking_water' = 10, 'other' = 11)) COMMENT '致贫返贫风险, at most five, the main one first',
    persons       UInt8 COMMENT 'members, persons',
    state         Enum8('monitored' = 1, 'eliminated' = 2, 'removed' = 3) COMMENT 'monitored: risk remains; eliminated: 风险消除; removed: taken off the list, counted nowhere',
    recognised_at DateTime64(3, 'UTC') COMMENT 'decision of the county',
    version       UInt64 COMMENT 'the highest version of a household is its state',
    ingested_at   DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'arrival of the row',
    CONSTRAINT village_digits CHECK village BETWEEN 100000000000 AND 999999999999,
    CONSTRAINT persons_range CHECK persons BETWEEN 1 AND 30,
    CONSTRAINT causes_range CHECK length(causes) BETWEEN 1 AND 5
)
ENGINE = ReplacingMergeTree(version)
ORDER BY household
COMMENT '监测对象';

CREATE TABLE IF NOT EXISTS leads
(
    lead        UInt64 COMMENT 'keyed hash of the lead',
    village     UInt64 COMMENT '12-digit village code',
    channel     Enum8('self_report' = 1, 'grassroots' = 2, 'department' = 3, 'other' = 4) COMMENT '发现渠道',
    reported_at DateTime64(3, 'UTC') COMMENT 'when the lead was reported',
    version     UInt64 COMMENT 'the highest version of a lead is its state',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'arrival of the row',
    CONSTRAINT village_digits CHECK village BETWEEN 100000000000 AND 999999999999
)
ENGINE = ReplacingMergeTree(version)
ORDER BY lead
COMMENT '线索';

CREATE TABLE IF NOT EXISTS workflow
(
    lead        UInt64 COMMENT 'keyed hash of the lead',
    village     UInt64 COMMENT '12-digit village code',
    stage       Enum8('household_check' = 1, 'village_review' = 2, 'township_check' = 3, 'county_decision' = 4, 'recognised' = 5, 'closed' = 6) COMMENT 'where the lead stands; the first four are open',
    entered_at  DateTime64(3, 'UTC') COMMENT 'when it entered the stage',
    version     UInt64 COMMENT 'the highest version of a lead is its stage',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'arrival of the row',
    CONSTRAINT village_digits CHECK village BETWEEN 100000000000 AND 999999999999
)
ENGINE = ReplacingMergeTree(version)
ORDER BY lead
COMMENT '线索办理环节';

CREATE TABLE IF NOT EXISTS eliminations
(
    household   UInt64 COMMENT 'keyed hash of the household',
    at          DateTime64(3, 'UTC') COMMENT 'when it was decided',
    event       Enum8('eliminated' = 1, 'rolled_back' = 2) COMMENT '风险消除 or 消除回退',
    kind        Enum8('assisted' = 1, 'natural' = 2) COMMENT '帮扶消除 or 自然消除',
    village     UInt64 COMMENT '12-digit village code',
    persons     UInt8 COMMENT 'members, persons',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'arrival of the row',
    CONSTRAINT village_digits CHECK village BETWEEN 100000000000 AND 999999999999
)
ENGINE = ReplacingMergeTree(ingested_at)
ORDER BY (household, at, event)
COMMENT '风险消除与回退';

CREATE TABLE IF NOT EXISTS registered
(
    household   UInt64 COMMENT 'keyed hash of the household',
    village     UInt64 COMMENT '12-digit village code',
    stability   Enum8('monitored_after_lifting' = 1, 'relatively_stable' = 2, 'stable' = 3) COMMENT '脱贫稳定程度',
    persons     UInt8 COMMENT 'members, persons',
    version     UInt64 COMMENT 'the highest version of a household is its state',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'arrival of the row',
    CONSTRAINT village_digits CHECK village BETWEEN 100000000000 AND 999999999999,
    CONSTRAINT persons_range CHECK persons BETWEEN 1 AND 30
)
ENGINE = ReplacingMergeTree(version)
ORDER BY household
COMMENT '建档立卡户';

CREATE TABLE IF NOT EXISTS reported_totals
(
    subject     Enum8('registered' = 1) COMMENT 'what was counted',
    region      UInt64 COMMENT 'province, county or township code',
    households  UInt64 COMMENT 'households, as reported',
    persons     UInt64 COMMENT 'persons, as reported',
    reported_at DateTime64(3, 'UTC') COMMENT 'when it was reported',
    version     UInt64 COMMENT 'the highest version of a subject and region is its state',
    ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'arrival of the row'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (subject, region)
COMMENT '上报总数: shown as reported, never adjusted to its parts';

CREATE TABLE IF NOT EXISTS assets
(
    asset          UInt64 COMMENT 'keyed hash of the asset',
    village        UInt64 COMMENT '12-digit village code',
    class          Enum8('public_welfare' = 1, 'operating' = 2, 'household' = 3) COMMENT '公益性, 经营性, 到户类',
    original_value UInt64 COMMENT '原值, yuan',
    net_value      UInt64 COMMENT '净值, yuan',
    state          Enum8('in_use' = 1, 'disposed' = 2) COMMENT 'disposed assets are counted nowhere',
    registered_at  DateTime64(3, 'UTC') COMMENT 'when it was registered',
    version        UInt64 COMMENT 'the highest version of an asset is its state',
    ingested_at    DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'arrival of the row',
    CONSTRAINT village_digits CHECK village BETWEEN 100000000000 AND 999999999999,
    CONSTRAINT net_not_above_original CHECK net_value <= original_value
)
ENGINE = ReplacingMergeTree(version)
ORDER BY asset
COMMENT '扶贫资产';

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

INSERT INTO history (id) SELECT generateUUIDv4();
