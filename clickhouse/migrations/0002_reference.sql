-- What the pipeline reads and what people keep: institutions, code maps, uploads, schedule, audit log.

CREATE TABLE IF NOT EXISTS orgs
(
    org String COMMENT '22-character institution code',
    name String,
    city LowCardinality(String) COMMENT 'GB/T 2260 city code, 6 digits',
    county LowCardinality(String) COMMENT 'GB/T 2260 county code, 6 digits',
    level UInt8 COMMENT '1, 2, 3; 0 not graded',
    type LowCardinality(String) COMMENT 'hospital, tcm_hospital, health_centre, …',
    outpatient UInt8,
    inpatient UInt8,
    contact String,
    phone String,
    test UInt8 COMMENT 'a test institution: out of every total',
    active UInt8,
    updated_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY org
SETTINGS non_replicated_deduplication_window = 1000;

-- One row a local code; a newer version of the same local code replaces it. An empty standard code unmaps it.
CREATE TABLE IF NOT EXISTS code_maps
(
    org LowCardinality(String),
    map LowCardinality(String) COMMENT 'department, fee, drug, item',
    local_code String,
    local_name String,
    standard_code String,
    generic_name String,
    dosage_form String,
    specification String,
    manufacturer String,
    version UInt32 COMMENT 'counts the changes of the institution''s maps',
    changed_by String,
    updated_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (org, map, local_code)
SETTINGS non_replicated_deduplication_window = 1000;

-- What came through the gateway, written before the message is produced: a repeated call finds its first one here.
CREATE TABLE IF NOT EXISTS uploads
(
    receipt_id String,
    org LowCardinality(String),
    table LowCardinality(String),
    batch String,
    op LowCardinality(String),
    rows UInt32,
    bytes UInt32,
    content_hash String,
    source_time DateTime64(3, 'Asia/Shanghai'),
    state LowCardinality(String) COMMENT 'taken, queued',
    topic_id LowCardinality(String),
    partition UInt32,
    offset UInt64,
    client String,
    updated_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (org, receipt_id)
SETTINGS non_replicated_deduplication_window = 1000;

-- Who must send what by when.
CREATE TABLE IF NOT EXISTS schedule
(
    org LowCardinality(String) COMMENT '* for every institution',
    table LowCardinality(String) COMMENT '* for every table',
    expected UInt8,
    due_days UInt8 COMMENT 'T + n days',
    due_hour UInt8,
    grace_hours UInt16,
    valid_from Date32,
    valid_to Date32,
    note String,
    updated_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (org, table, valid_from)
SETTINGS non_replicated_deduplication_window = 1000;

-- Who did what, when, from where. Append only.
CREATE TABLE IF NOT EXISTS audit_log
(
    at DateTime64(3, 'Asia/Shanghai'),
    id UUID DEFAULT generateUUIDv4(),
    actor String,
    action LowCardinality(String),
    target String,
    detail String,
    address String
)
ENGINE = MergeTree
ORDER BY (at, id);
