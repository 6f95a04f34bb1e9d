-- What the console needs.

-- The closed loop of a case: clue, verification, handling, review.
ALTER TABLE case_steps ADD COLUMN IF NOT EXISTS stage LowCardinality(String) DEFAULT if(state = 'resolved', 'closed', 'clue') COMMENT 'clue, verify, handle, review, closed';
ALTER TABLE case_steps ADD COLUMN IF NOT EXISTS appeal LowCardinality(String) DEFAULT '' COMMENT 'of the institution: waiting, accepted, refused';
ALTER TABLE case_steps ADD COLUMN IF NOT EXISTS ending LowCardinality(String) DEFAULT multiIf(state != 'resolved', '', action = 'supersede', 'superseded', action = 'resolve' AND actor != 'sanjian', 'by_hand', 'by_itself') COMMENT 'by_itself, handled, not_a_fault, by_hand, superseded';
ALTER TABLE case_steps ADD COLUMN IF NOT EXISTS due_at DateTime64(3, 'Asia/Shanghai') DEFAULT toDateTime64(0, 3, 'Asia/Shanghai') COMMENT 'until when the stage should be done; 1970-01-01: no matter';
ALTER TABLE case_steps ADD COLUMN IF NOT EXISTS closed_at DateTime64(3, 'Asia/Shanghai') DEFAULT if(state = 'resolved', at, toDateTime64(0, 3, 'Asia/Shanghai')) COMMENT '1970-01-01: not closed';
ALTER TABLE case_steps ADD COLUMN IF NOT EXISTS actor_of String DEFAULT '' COMMENT 'institution or region for which the actor acts';

-- Every change of the schedule, of quiet times, declarations and thresholds, as it was kept then; those tables hold only
-- what holds now. Written with each insert into them, whoever makes it. value: the entry as JSON; empty: it was taken away.
CREATE TABLE IF NOT EXISTS setting_changes
(
    kind LowCardinality(String) COMMENT 'schedule, quiet_times, declarations, thresholds',
    key String COMMENT 'of the entry; parts joined by |',
    org LowCardinality(String) COMMENT '* for every institution',
    table LowCardinality(String) COMMENT '* for every table; empty: declarations have none',
    value String CODEC(ZSTD(3)),
    changed_by String,
    updated_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree
ORDER BY (kind, key, updated_at)
SETTINGS non_replicated_deduplication_window = 1000;
CREATE MATERIALIZED VIEW IF NOT EXISTS schedule_changed TO setting_changes AS
SELECT 'schedule' AS kind, concat(org, '|', table, '|', toString(valid_from)) AS key, org, table,
    if(deleted = 1, '', toJSONString(CAST(tuple(expected, due_days, due_hour, grace_hours, valid_from, valid_to, note),
        'Tuple(expected UInt8, due_days UInt8, due_hour UInt8, grace_hours UInt16, valid_from Date32, valid_to Date32, note String)'))) AS value,
    changed_by, updated_at
FROM schedule;
CREATE MATERIALIZED VIEW IF NOT EXISTS quiet_times_changed TO setting_changes AS
SELECT 'quiet_times' AS kind, id AS key, org, table,
    if(deleted = 1, '', toJSONString(CAST(tuple(quiet_times.kind, starts_at, ends_at, note),
        'Tuple(kind String, starts_at DateTime64(3, \'Asia/Shanghai\'), ends_at DateTime64(3, \'Asia/Shanghai\'), note String)'))) AS value,
    changed_by, updated_at
FROM quiet_times;
CREATE MATERIALIZED VIEW IF NOT EXISTS declarations_changed TO setting_changes AS
SELECT 'declarations' AS kind, concat(org, '|', toString(month), '|', quantity) AS key, org, '' AS table,
    if(deleted = 1, '', toJSONString(CAST(tuple(month, quantity, toFloat64(declarations.value)),
        'Tuple(month Date32, quantity String, value Float64)'))) AS value,
    changed_by, updated_at
FROM declarations;
CREATE MATERIALIZED VIEW IF NOT EXISTS thresholds_changed TO setting_changes AS
SELECT 'thresholds' AS kind, concat(org, '|', table, '|', name) AS key, org, table,
    if(deleted = 1, '', toJSONString(CAST(tuple(name, thresholds.value), 'Tuple(name String, value Float64)'))) AS value,
    changed_by, updated_at
FROM thresholds;
-- What is there already.
INSERT INTO setting_changes
SELECT 'thresholds' AS kind, concat(org, '|', table, '|', name) AS key, org, table,
    if(deleted = 1, '', toJSONString(CAST(tuple(name, thresholds.value), 'Tuple(name String, value Float64)'))) AS value,
    changed_by, updated_at
FROM thresholds FINAL;
INSERT INTO setting_changes
SELECT 'schedule' AS kind, concat(org, '|', table, '|', toString(valid_from)) AS key, org, table,
    if(deleted = 1, '', toJSONString(CAST(tuple(expected, due_days, due_hour, grace_hours, valid_from, valid_to, note),
        'Tuple(expected UInt8, due_days UInt8, due_hour UInt8, grace_hours UInt16, valid_from Date32, valid_to Date32, note String)'))) AS value,
    changed_by, updated_at
FROM schedule FINAL;
INSERT INTO setting_changes
SELECT 'quiet_times' AS kind, id AS key, org, table,
    if(deleted = 1, '', toJSONString(CAST(tuple(quiet_times.kind, starts_at, ends_at, note),
        'Tuple(kind String, starts_at DateTime64(3, \'Asia/Shanghai\'), ends_at DateTime64(3, \'Asia/Shanghai\'), note String)'))) AS value,
    changed_by, updated_at
FROM quiet_times FINAL;
INSERT INTO setting_changes
SELECT 'declarations' AS kind, concat(org, '|', toString(month), '|', quantity) AS key, org, '' AS table,
    if(deleted = 1, '', toJSONString(CAST(tuple(month, quantity, toFloat64(declarations.value)),
        'Tuple(month Date32, quantity String, value Float64)'))) AS value,
    changed_by, updated_at
FROM declarations FINAL;

-- Rejected rows that are sent through the pipeline once more: the message says where they were rejected. What it takes
-- over is taken out there (streams/redriven.py), so that each row has one outcome.
ALTER TABLE ledger ADD COLUMN IF NOT EXISTS redrive LowCardinality(String) DEFAULT '' COMMENT 'id of the redrive that sent this message; empty: the institution did';
ALTER TABLE ledger ADD COLUMN IF NOT EXISTS origin_topic_id LowCardinality(String) DEFAULT '' COMMENT 'of a redriven message: the message whose rejected rows it took over';
ALTER TABLE ledger ADD COLUMN IF NOT EXISTS origin_partition UInt32 DEFAULT 0;
ALTER TABLE ledger ADD COLUMN IF NOT EXISTS origin_offset UInt64 DEFAULT 0;
ALTER TABLE ledger ADD INDEX IF NOT EXISTS by_redrive redrive TYPE set(100) GRANULARITY 4;

-- Redrives of rejected rows, and how far they are.
CREATE TABLE IF NOT EXISTS redrives
(
    id String,
    actor String,
    org LowCardinality(String) COMMENT 'empty: of all institutions that the actor sees',
    wanted String COMMENT 'JSON of the filters',
    state LowCardinality(String) COMMENT 'running, done, stopped (the broker or ClickHouse was away, or the process ended)',
    messages UInt32 COMMENT 'to be sent',
    rows UInt64,
    sent_messages UInt32,
    sent_rows UInt64,
    not_possible String COMMENT 'JSON: rows that cannot be redriven, by reason',
    more UInt8 COMMENT '1: there are more rows than one redrive takes',
    started_at DateTime64(3, 'Asia/Shanghai'),
    at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY id
TTL toDateTime(at) + INTERVAL 180 DAY
SETTINGS non_replicated_deduplication_window = 1000;
