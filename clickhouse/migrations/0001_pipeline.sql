-- The tables that the pipeline writes. Keys made of offsets carry the topic's id, because a broker that lost its
-- memory counts from 0 again. Every table is a ReplacingMergeTree, so that writing a row again changes nothing;
-- readers use FINAL (or count distinct keys).

-- One row a message and business date: what was received and what became of it. The truth about what is done.
CREATE TABLE IF NOT EXISTS ledger
(
    topic_id LowCardinality(String),
    partition UInt32,
    offset UInt64,
    biz_date Date32 COMMENT '1970-01-01: the row has no readable business date',
    org LowCardinality(String) COMMENT 'empty: the sender could not be read',
    table LowCardinality(String) COMMENT 'empty: the table could not be read',
    batch String,
    message_id UInt64 COMMENT 'hash of the bytes: the same bytes again are a repeat, not new rows',
    kind LowCardinality(String) COMMENT 'batch, debezium, tombstone, repeat, unreadable',
    op LowCardinality(String) COMMENT 'upsert, delete',
    received UInt32 COMMENT 'rows sent; received = accepted + rejected + unreadable',
    accepted UInt32,
    rejected UInt32,
    flagged UInt32 COMMENT 'accepted rows with a warning',
    unreadable UInt32,
    repeated UInt32 COMMENT 'rows of a message that was already done; not in received',
    findings UInt32,
    unmapped UInt32 COMMENT 'codes without a standard code, by column and row',
    bytes UInt32,
    declared_empty UInt8 COMMENT 'the sender says that nothing happened that day',
    replay UInt8,
    unknown_columns Array(LowCardinality(String)),
    reason LowCardinality(String) COMMENT 'why unreadable',
    map_version UInt32,
    standard_version LowCardinality(String),
    source_time DateTime64(3, 'Asia/Shanghai') COMMENT 'when the sender made it; arrival when it does not say',
    arrived_at DateTime64(3, 'Asia/Shanghai') COMMENT 'the message''s time stamp in the broker',
    landed_at DateTime64(3, 'Asia/Shanghai'),
    work_ms UInt32 COMMENT 'from taking the message to landing it',
    worker LowCardinality(String),
    INDEX by_source_time source_time TYPE minmax GRANULARITY 1,
    INDEX by_message message_id TYPE bloom_filter GRANULARITY 1,
    INDEX by_batch batch TYPE bloom_filter GRANULARITY 1,
    INDEX by_org org TYPE set(200) GRANULARITY 4
)
ENGINE = ReplacingMergeTree(landed_at)
PARTITION BY toYear(source_time)
ORDER BY (topic_id, partition, offset, biz_date)
SETTINGS non_replicated_deduplication_window = 1000;

-- One row for each rule that one row of a message violates. Values of personal columns are masked before they come here.
CREATE TABLE IF NOT EXISTS findings
(
    topic_id LowCardinality(String),
    partition UInt32,
    offset UInt64,
    row UInt32 COMMENT 'from 1 within the message',
    rule_id LowCardinality(String),
    check LowCardinality(String) COMMENT 'kind of the check that failed',
    org LowCardinality(String),
    table LowCardinality(String),
    biz_date Date32,
    batch String,
    column LowCardinality(String),
    value String COMMENT 'what was sent, masked when personal, cut at 200 characters',
    row_key String COMMENT 'primary key without the institution; parts joined by |',
    visit String COMMENT 'visit number',
    severity LowCardinality(String),
    outcome LowCardinality(String) COMMENT 'accepted, rejected: of the row',
    replay UInt8,
    arrived_at DateTime64(3, 'Asia/Shanghai'),
    landed_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(landed_at)
ORDER BY (org, table, biz_date, rule_id, topic_id, partition, offset, row)
SETTINGS non_replicated_deduplication_window = 1000;

-- Rejected rows as they were sent (text of each column as JSON), to be redriven after a rule or a map changes.
CREATE TABLE IF NOT EXISTS rejected_rows
(
    topic_id LowCardinality(String),
    partition UInt32,
    offset UInt64,
    row UInt32,
    org LowCardinality(String),
    table LowCardinality(String),
    biz_date Date32,
    batch String,
    row_key String,
    rule_ids Array(LowCardinality(String)),
    raw String CODEC(ZSTD(3)),
    op LowCardinality(String),
    arrived_at DateTime64(3, 'Asia/Shanghai'),
    landed_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(landed_at)
ORDER BY (org, table, biz_date, topic_id, partition, offset, row)
TTL toDateTime(landed_at) + INTERVAL 180 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- Local codes without a standard code, one row a message, column and code.
CREATE TABLE IF NOT EXISTS unmapped_codes
(
    topic_id LowCardinality(String),
    partition UInt32,
    offset UInt64,
    org LowCardinality(String),
    table LowCardinality(String),
    biz_date Date32,
    column LowCardinality(String),
    map LowCardinality(String) COMMENT 'department, fee, drug, item',
    code String,
    name String,
    rows UInt32,
    example_key String COMMENT 'row key of one of the rows',
    arrived_at DateTime64(3, 'Asia/Shanghai'),
    landed_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(landed_at)
ORDER BY (org, map, code, table, column, biz_date, topic_id, partition, offset)
SETTINGS non_replicated_deduplication_window = 1000;

-- What could not be read: whole messages (row 0) and single rows of a message.
CREATE TABLE IF NOT EXISTS dead_letters
(
    topic_id LowCardinality(String),
    partition UInt32,
    offset UInt64,
    row UInt32 COMMENT '0: the whole message',
    topic LowCardinality(String),
    org LowCardinality(String),
    table LowCardinality(String),
    batch String,
    reason LowCardinality(String),
    detail String COMMENT 'what was wrong and where, without the value',
    bytes String CODEC(ZSTD(3)) COMMENT 'cut at 64 KiB; size tells the whole length',
    size UInt32,
    arrived_at DateTime64(3, 'Asia/Shanghai'),
    landed_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(landed_at)
ORDER BY (topic_id, partition, offset, row)
TTL toDateTime(landed_at) + INTERVAL 180 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- Alerts as they were raised; the life cycle lives beside it. The id is made from the place of the message, so the
-- same cause gives the same id.
CREATE TABLE IF NOT EXISTS alerts
(
    id String,
    org LowCardinality(String),
    kind LowCardinality(String) COMMENT 'rejection, unreadable',
    table LowCardinality(String),
    biz_date Date32,
    batch String,
    severity LowCardinality(String),
    payload String CODEC(ZSTD(3)) COMMENT 'JSON as published, personal values masked',
    topic_id LowCardinality(String),
    partition UInt32,
    offset UInt64,
    replay UInt8,
    raised_at DateTime64(3, 'Asia/Shanghai') COMMENT 'arrival of the message',
    landed_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(landed_at)
ORDER BY (org, raised_at, id)
SETTINGS non_replicated_deduplication_window = 1000;
