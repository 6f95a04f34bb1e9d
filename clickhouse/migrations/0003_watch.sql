-- What the watch keeps: sums by day, judgements, cases (alerts through their life), deliveries, and what people set.
-- A sum is never added up by a view over inserts: it is computed again, as a whole, from the ledger and the rows.

-- Sums of the ledger by business day and arrival day, for each stretch of 10 000 offsets of a partition. A stretch is
-- summed again as a whole whenever the ledger got rows of it; readers add the stretches up.
CREATE TABLE IF NOT EXISTS ledger_days
(
    biz_date Date32 COMMENT '1970-01-01: the rows have no readable business date',
    org LowCardinality(String),
    table LowCardinality(String),
    arrival_day Date32 COMMENT 'day of arrival in Shanghai',
    topic_id LowCardinality(String),
    partition UInt32,
    stretch UInt64 COMMENT 'offset / 10 000',
    received UInt64,
    accepted UInt64,
    rejected UInt64,
    flagged UInt64,
    unreadable UInt64,
    findings UInt64,
    unmapped UInt64,
    messages UInt64,
    declared_empty UInt8 COMMENT '1: a batch with count 0 said that nothing happened',
    first_arrived_at DateTime64(3, 'Asia/Shanghai') COMMENT 'of rows, or of the declaration when there are none',
    last_arrived_at DateTime64(3, 'Asia/Shanghai'),
    changed_at DateTime64(3, 'Asia/Shanghai') COMMENT 'newest landed_at of the ledger rows',
    summed_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(summed_at)
ORDER BY (biz_date, org, table, arrival_day, topic_id, partition, stretch)
SETTINGS non_replicated_deduplication_window = 1000;

-- Facts of one institution, table and business day, computed from its rows as they are now; one row is the whole truth
-- about the day, so what is no longer there disappears with the next computation.
CREATE TABLE IF NOT EXISTS day_facts
(
    biz_date Date32,
    org LowCardinality(String),
    table LowCardinality(String),
    rows UInt64 COMMENT 'rows that stand now: newest version, not deleted, not revoked',
    standing UInt64 COMMENT 'rejected rows that were not accepted since',
    rules Array(Tuple(rule_id LowCardinality(String), severity LowCardinality(String), findings UInt64)),
    codes Array(Tuple(column LowCardinality(String), map LowCardinality(String), code String, standard_code String, rows UInt64)) COMMENT 'local codes in mapped columns',
    measures Array(Tuple(measure LowCardinality(String), code LowCardinality(String), rows UInt64, value Decimal(20, 4))),
    up_to DateTime64(3, 'Asia/Shanghai') COMMENT 'changed_at of the day that is reflected',
    computed_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY (biz_date, org, table)
SETTINGS non_replicated_deduplication_window = 1000;

-- How a rule of scope store came out for one day: always a row for every rule that was run, zeros too.
CREATE TABLE IF NOT EXISTS store_days
(
    biz_date Date32,
    org LowCardinality(String),
    table LowCardinality(String),
    rule_id LowCardinality(String),
    kind LowCardinality(String) COMMENT 'kind of the check: parent, cross_table, …',
    severity LowCardinality(String),
    checked UInt64 COMMENT 'rows that the rule applies to',
    failed UInt64 COMMENT 'rows that violate it',
    run_at DateTime64(3, 'Asia/Shanghai') COMMENT 'findings of this run carry the same run_at'
)
ENGINE = ReplacingMergeTree(run_at)
ORDER BY (biz_date, org, table, rule_id)
SETTINGS non_replicated_deduplication_window = 1000;

-- Rows that violate a rule of scope store. Only those of the newest run of their day and rule count (store_days.run_at).
CREATE TABLE IF NOT EXISTS store_findings
(
    biz_date Date32,
    org LowCardinality(String),
    table LowCardinality(String),
    rule_id LowCardinality(String),
    run_at DateTime64(3, 'Asia/Shanghai'),
    row_key String COMMENT 'primary key without the institution; parts joined by |',
    visit String,
    column LowCardinality(String),
    value String COMMENT 'masked when personal',
    severity LowCardinality(String),
    topic_id LowCardinality(String),
    partition UInt32,
    offset UInt64,
    row UInt32
)
ENGINE = ReplacingMergeTree
ORDER BY (biz_date, org, table, rule_id, run_at, row_key)
TTL toDateTime(run_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- Up to which change the rules of scope store were run for a day.
CREATE TABLE IF NOT EXISTS store_done
(
    biz_date Date32,
    org LowCardinality(String),
    table LowCardinality(String),
    up_to DateTime64(3, 'Asia/Shanghai') COMMENT 'changed_at of the day that was checked',
    run_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(run_at)
ORDER BY (biz_date, org, table)
SETTINGS non_replicated_deduplication_window = 1000;

ALTER TABLE schedule ADD COLUMN IF NOT EXISTS deleted UInt8 DEFAULT 0;
ALTER TABLE schedule ADD COLUMN IF NOT EXISTS changed_by String DEFAULT '';

-- Holidays, planned maintenance and days marked as incidents.
CREATE TABLE IF NOT EXISTS quiet_times
(
    id String,
    org LowCardinality(String) COMMENT '* for every institution',
    table LowCardinality(String) COMMENT '* for every table',
    kind LowCardinality(String) COMMENT 'holiday: nothing is due then; maintenance: what falls due then is due after it; incident: out of the baselines, nobody is blamed; outage: our own, written by the watch',
    starts_at DateTime64(3, 'Asia/Shanghai'),
    ends_at DateTime64(3, 'Asia/Shanghai'),
    note String,
    changed_by String,
    deleted UInt8,
    updated_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY id
SETTINGS non_replicated_deduplication_window = 1000;

-- What each institution owes for each day, worked out from schedule, orgs and quiet_times.
CREATE TABLE IF NOT EXISTS expected_days
(
    biz_date Date32,
    org LowCardinality(String),
    table LowCardinality(String),
    expected UInt8,
    reason LowCardinality(String) COMMENT 'why not expected: no_inpatient, no_outpatient, inactive, schedule, before_start, holiday',
    due_at DateTime64(3, 'Asia/Shanghai'),
    grace_until DateTime64(3, 'Asia/Shanghai') COMMENT 'missing from here on',
    incident UInt8 COMMENT '1: marked as an incident, out of the baselines',
    updated_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (biz_date, org, table)
SETTINGS non_replicated_deduplication_window = 1000;

-- Thresholds as people set them; the most specific one counts.
CREATE TABLE IF NOT EXISTS thresholds
(
    org LowCardinality(String) COMMENT '* for every institution',
    table LowCardinality(String) COMMENT '* for every table',
    name LowCardinality(String) COMMENT 'anomaly_rate_warning, anomaly_rate_critical, …: see streams/watch/thresholds.py',
    value Float64,
    deleted UInt8,
    changed_by String,
    updated_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (org, table, name)
SETTINGS non_replicated_deduplication_window = 1000;

-- What a detector measured and how it was judged, by day; numerator and denominator are always kept.
CREATE TABLE IF NOT EXISTS judgements
(
    biz_date Date32,
    org LowCardinality(String),
    table LowCardinality(String) COMMENT 'empty: all tables of the institution',
    detector LowCardinality(String) COMMENT 'anomaly_rate, volume, mapping, association, …',
    subject String COMMENT 'what of it: a map, a rule; empty when there is one only',
    numerator Float64,
    denominator Float64,
    baseline Float64 COMMENT 'median of the same weekday; NaN: not enough history',
    spread Float64 COMMENT 'median absolute deviation; NaN: not enough history',
    warning Float64 COMMENT 'threshold that applied',
    critical Float64,
    verdict LowCardinality(String) COMMENT 'ok, warning, critical, too_few, no_data, unknown',
    judged_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(judged_at)
ORDER BY (biz_date, org, table, detector, subject)
SETTINGS non_replicated_deduplication_window = 1000;

-- Every run of the watch: says when we were there ourselves, and how far our ingest was.
CREATE TABLE IF NOT EXISTS watch_log
(
    at DateTime64(3, 'Asia/Shanghai'),
    watcher String,
    watermark DateTime64(3, 'Asia/Shanghai') COMMENT 'what arrived before this has landed',
    lag UInt64 COMMENT 'messages that wait',
    firing UInt32 COMMENT 'conditions that hold',
    took_ms UInt32
)
ENGINE = MergeTree
ORDER BY at
TTL toDateTime(at) + INTERVAL 90 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- Steps of a case: an alert from its opening to its end. A step is taken by compare and set: of two writers of the same
-- version the first one has it (clickhouse/steps.py). The newest version is the state.
CREATE TABLE IF NOT EXISTS case_steps
(
    id String COMMENT 'id of the case: hash of key and opening number',
    version UInt32 COMMENT 'from 1',
    writer String COMMENT 'who took this step; another one in the same version counts for nothing',
    at DateTime64(3, 'Asia/Shanghai'),
    key String COMMENT 'deduplication key: kind|institution|table|day|subject',
    kind LowCardinality(String) COMMENT 'rejection, unreadable, gap, late, anomaly_rate, volume, mapping, association, schema_drift, pipeline',
    org LowCardinality(String),
    table LowCardinality(String) COMMENT 'empty: several or all',
    biz_date Date32 COMMENT '1970-01-01: none',
    severity LowCardinality(String) COMMENT 'info, warning, critical',
    state LowCardinality(String) COMMENT 'open, acknowledged, snoozed, resolved',
    action LowCardinality(String) COMMENT 'open, reopen, change, acknowledge, snooze, wake, note, remind, resolve',
    actor String COMMENT 'sanjian: by itself',
    note String,
    snoozed_until DateTime64(3, 'Asia/Shanghai'),
    opened_at DateTime64(3, 'Asia/Shanghai'),
    reminded_at DateTime64(3, 'Asia/Shanghai') COMMENT 'when people were last told',
    reopened UInt32 COMMENT 'how often it came back',
    flapping UInt8,
    numerator Float64,
    denominator Float64,
    threshold Float64,
    zh String,
    en String,
    details String CODEC(ZSTD(3)) COMMENT 'JSON',
    INDEX by_at at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
ORDER BY (id, version, writer)
SETTINGS non_replicated_deduplication_window = 100000;

-- Where alerts are sent besides websockets.
CREATE TABLE IF NOT EXISTS channels
(
    name String,
    kind LowCardinality(String) COMMENT 'webhook, wecom, dingtalk, email',
    target String COMMENT 'address, or e-mail recipients separated by commas',
    secret String COMMENT 'signs; never given out again',
    orgs Array(String) COMMENT 'empty: every institution',
    kinds Array(String) COMMENT 'empty: every kind',
    least_severity LowCardinality(String),
    digest UInt8 COMMENT '1: one message an institution and day instead of each alert',
    active UInt8,
    deleted UInt8,
    changed_by String,
    updated_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY name
SETTINGS non_replicated_deduplication_window = 1000;

-- Steps of a delivery: pending, leased, delivered, failed (again later), dead. By compare and set like case_steps.
CREATE TABLE IF NOT EXISTS outbox
(
    id String COMMENT 'hash of notice and channel: the same notice is delivered once',
    version UInt32,
    writer String,
    at DateTime64(3, 'Asia/Shanghai'),
    channel String,
    org LowCardinality(String),
    notice String COMMENT 'id of the notice',
    state LowCardinality(String) COMMENT 'pending, leased, delivered, failed, dead',
    attempts UInt16,
    not_before DateTime64(3, 'Asia/Shanghai') COMMENT 'leased: until; failed: next attempt',
    reason String COMMENT 'why it failed, without secrets',
    payload String CODEC(ZSTD(3)) COMMENT 'JSON of the notice; personal values masked',
    INDEX by_at at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
ORDER BY (id, version, writer)
TTL toDateTime(at) + INTERVAL 180 DAY
SETTINGS non_replicated_deduplication_window = 100000;

-- Where an alert is in the stream of alerts: what a client that comes back has not seen yet.
CREATE TABLE IF NOT EXISTS alert_positions
(
    epoch LowCardinality(String) COMMENT 'id of the topic sanjian.alerts',
    partition UInt32,
    offset UInt64,
    id String,
    org LowCardinality(String),
    raised_at DateTime64(3, 'Asia/Shanghai'),
    published_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(published_at)
ORDER BY (epoch, partition, offset)
TTL toDateTime(published_at) + INTERVAL 180 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- Figures that institutions declare by themselves, beside which the uploaded rows are put.
CREATE TABLE IF NOT EXISTS declarations
(
    org LowCardinality(String),
    month Date32 COMMENT 'first day of the month',
    quantity LowCardinality(String) COMMENT 'outpatient_amount, outpatient_drugs, …: see clickhouse/declarations.py',
    value Decimal(20, 4),
    deleted UInt8,
    changed_by String,
    updated_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (org, month, quantity)
SETTINGS non_replicated_deduplication_window = 1000;

-- Every change of a code map as it was before and after, so that an upload can be undone.
CREATE TABLE IF NOT EXISTS code_map_changes
(
    org LowCardinality(String),
    map LowCardinality(String),
    version UInt32,
    local_code String,
    before String COMMENT 'JSON of the entry; empty: there was none',
    after String COMMENT 'JSON of the entry',
    changed_by String,
    at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY (org, map, version, local_code)
SETTINGS non_replicated_deduplication_window = 1000;
