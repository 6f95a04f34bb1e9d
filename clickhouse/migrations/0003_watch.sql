-- What the watch keeps: sums by day, judgements, cases (alerts through their life), deliveries, and what people set.
-- A sum is never added up by a view over inserts: it is computed again, as a whole, from the ledger and the rows.

-- When ClickHouse itself took a row of the ledger (its own clock, the moment of the insert): landed_at is the worker's
-- clock, and may lie hours before the insert that succeeded. Tells which stretches have to be summed again. Rows that
-- are here already get it in three steps, because a default that is "now" would give them another time at every reading.
ALTER TABLE ledger ADD COLUMN IF NOT EXISTS stored_at DateTime64(3, 'Asia/Shanghai') DEFAULT landed_at;
ALTER TABLE ledger MATERIALIZE COLUMN stored_at SETTINGS mutations_sync = 2;
ALTER TABLE ledger MODIFY COLUMN stored_at DateTime64(3, 'Asia/Shanghai') DEFAULT now64(3);
ALTER TABLE ledger ADD INDEX IF NOT EXISTS by_stored_at stored_at TYPE minmax GRANULARITY 1;
ALTER TABLE ledger MATERIALIZE INDEX by_stored_at;

-- Sums of the ledger by business day and arrival day, for each stretch of 10 000 offsets of a partition. A stretch is
-- summed again as a whole whenever the ledger got rows of it; readers add the stretches up. Only sums that changed are
-- written; messages = 0: the sum is gone.
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
    changed_at DateTime64(3, 'Asia/Shanghai') COMMENT 'when the sum, or what rows stand on the day, last changed; never goes back',
    summed_at DateTime64(3, 'Asia/Shanghai'),
    INDEX by_stretch stretch TYPE minmax GRANULARITY 1,
    INDEX by_changed_at changed_at TYPE minmax GRANULARITY 1
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
    standing_days Array(Tuple(day Date32, rows UInt64)) COMMENT 'the same by the day on which they came last',
    rules Array(Tuple(rule_id LowCardinality(String), severity LowCardinality(String), findings UInt64)),
    codes Array(Tuple(column LowCardinality(String), map LowCardinality(String), code String, standard_code String, rows UInt64)) COMMENT 'local codes in mapped columns',
    measures Array(Tuple(measure LowCardinality(String), code LowCardinality(String), rows UInt64, value Decimal(20, 4))),
    up_to DateTime64(3, 'Asia/Shanghai') COMMENT 'changed_at of the day that is reflected',
    computed_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY (biz_date, org, table)
SETTINGS non_replicated_deduplication_window = 1000;

-- The business day on which each row was counted last. A row that is sent again with another day, or deleted, has to
-- leave the facts of its old day; the standard's table no longer knows which one that was.
CREATE TABLE IF NOT EXISTS row_days
(
    table LowCardinality(String),
    org LowCardinality(String),
    row_key String COMMENT 'primary key without the institution; parts joined by |',
    biz_date Date32,
    version UInt64 COMMENT '_version of the row: the newest one says the day'
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (table, org, row_key)
SETTINGS non_replicated_deduplication_window = 1000;

-- How far the rollup is, one row a part of it: sums (of ledger.stored_at), facts (of ledger_days.changed_at).
CREATE TABLE IF NOT EXISTS rollup_marks
(
    part LowCardinality(String),
    up_to DateTime64(3, 'Asia/Shanghai') COMMENT 'what had come then is done',
    number UInt64 COMMENT 'counts the marks; the greatest one holds'
)
ENGINE = ReplacingMergeTree(number)
ORDER BY part
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
    checked UInt64 COMMENT 'rows that the rule applies to; 1 for a rule on the day as a whole',
    failed UInt64 COMMENT 'rows that violate it',
    run_at DateTime64(3, 'Asia/Shanghai') COMMENT 'findings of this run carry the same run_at'
)
ENGINE = ReplacingMergeTree(run_at)
ORDER BY (biz_date, org, table, rule_id)
SETTINGS non_replicated_deduplication_window = 1000;

-- Rows that violate a rule of scope store. Only those count that are as new as the count of their day and rule
-- (run_at not older than store_days.run_at); a later run of the day writes the rows that still violate it again.
CREATE TABLE IF NOT EXISTS store_findings
(
    biz_date Date32,
    org LowCardinality(String),
    table LowCardinality(String),
    rule_id LowCardinality(String),
    run_at DateTime64(3, 'Asia/Shanghai'),
    row_key String COMMENT 'primary key without the institution; parts joined by |. TABLE:key: that row lacks one here. Empty: the day as a whole',
    visit String,
    column LowCardinality(String),
    value String COMMENT 'masked when personal',
    severity LowCardinality(String),
    topic_id LowCardinality(String),
    partition UInt32,
    offset UInt64,
    row UInt32
)
ENGINE = ReplacingMergeTree(run_at)
ORDER BY (biz_date, org, table, rule_id, row_key)
TTL toDateTime(run_at) + INTERVAL 400 DAY
SETTINGS non_replicated_deduplication_window = 1000;

-- Up to which change the rules of scope store were run for a day.
CREATE TABLE IF NOT EXISTS store_done
(
    biz_date Date32,
    org LowCardinality(String),
    table LowCardinality(String),
    up_to DateTime64(3, 'Asia/Shanghai') COMMENT 'newest changed_at, at the beginning of the run, of this day in this table and in those that its rules look at',
    rules LowCardinality(String) COMMENT 'version of the rules that were run; days of another one are run again',
    run_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(run_at)
ORDER BY (biz_date, org, table)
SETTINGS non_replicated_deduplication_window = 1000;

ALTER TABLE orgs ADD COLUMN IF NOT EXISTS starts_on Date32 DEFAULT toDate32('1970-01-01') COMMENT 'first business day expected; 1970-01-01: from the day it was entered, or the first day that it sent if that is earlier';
ALTER TABLE orgs ADD COLUMN IF NOT EXISTS entered_at DateTime64(3, 'Asia/Shanghai') DEFAULT updated_at COMMENT 'of its first version: older versions disappear when parts are merged';

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
    blind_from DateTime64(3, 'Asia/Shanghai') COMMENT 'an outage of our own touches due_at or grace_until: from here …; 1970-01-01: none does',
    blind_until DateTime64(3, 'Asia/Shanghai') COMMENT '… to here, with time to send again, nobody is late and nothing is missing',
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
    id String COMMENT 'id of the case: business day, hash of key and opening number',
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
    action LowCardinality(String) COMMENT 'open, reopen, change, measure, gone, back, remind, wake, settle, clear, supersede, resolve by itself; acknowledge, snooze, note, resolve by people',
    told LowCardinality(String) COMMENT 'who hears of this step: nobody, stream (websockets), all (channels too)',
    actor String COMMENT 'sanjian: by itself',
    note String,
    opening UInt32 COMMENT 'how many cases of this key there were with this one',
    opened_at DateTime64(3, 'Asia/Shanghai'),
    snoozed_until DateTime64(3, 'Asia/Shanghai') COMMENT '1970-01-01: not snoozed',
    reminded_at DateTime64(3, 'Asia/Shanghai') COMMENT 'when people were last told',
    firing UInt8 COMMENT '1: what is wrong is still seen',
    turned_at DateTime64(3, 'Asia/Shanghai') COMMENT 'when it last came, went or got worse',
    returns Array(DateTime64(3, 'Asia/Shanghai')) COMMENT 'when it came back or got worse, lately',
    reopened UInt32 COMMENT 'how often it came back',
    flapping UInt8 COMMENT '1: comes and goes; nobody is told until it is stable',
    numerator Float64,
    denominator Float64,
    threshold Float64,
    baseline Float64 COMMENT 'NaN: none',
    zh String,
    en String,
    fix_zh String,
    fix_en String,
    details String CODEC(ZSTD(3)) COMMENT 'JSON'
)
ENGINE = ReplacingMergeTree
ORDER BY (id, version, writer)
SETTINGS non_replicated_deduplication_window = 100000;

-- Notices that are whole: kept, handed to the outbox and published. What is not here is completed by the next run.
CREATE TABLE IF NOT EXISTS notices_done
(
    id String COMMENT 'case id-version, or digest-institution-day',
    at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(at)
ORDER BY id
TTL toDateTime(at) + INTERVAL 180 DAY
SETTINGS non_replicated_deduplication_window = 1000;

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
    id String COMMENT 'time of the notice and hash of notice and channel: the same notice is delivered once',
    version UInt32,
    writer String,
    at DateTime64(3, 'Asia/Shanghai'),
    channel String,
    org LowCardinality(String),
    notice String COMMENT 'id of the notice',
    kind LowCardinality(String) COMMENT 'of the notice',
    state LowCardinality(String) COMMENT 'pending, leased, delivered, failed, dead',
    attempts UInt16,
    not_before DateTime64(3, 'Asia/Shanghai') COMMENT 'leased: until; failed: next attempt',
    reason String COMMENT 'why it failed, without secrets',
    payload String CODEC(ZSTD(3)) COMMENT 'JSON of the notice; personal values masked'
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
    undoes UInt32 COMMENT 'version that this change takes back; 0: none',
    changed_by String,
    writer String COMMENT 'who has this version; of two writers of one version the earlier one counts (at, writer)',
    at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree
ORDER BY (org, version, writer, map, local_code)
SETTINGS non_replicated_deduplication_window = 10000;
