-- Files of front pages: how far each one is, which one counts for its month, who may send for a month that is over.

-- Steps of a submission, from its first byte to its end. By compare and set like case_steps; the newest one is its state.
CREATE TABLE IF NOT EXISTS submission_steps
(
    id String COMMENT '32 hex digits; batches of its rows are id/first row',
    version UInt32 COMMENT 'from 1',
    writer String COMMENT 'who took this step; another one in the same version counts for nothing',
    at DateTime64(3, 'Asia/Shanghai'),
    org LowCardinality(String),
    month Date32 COMMENT 'first day of the month of discharge',
    variant LowCardinality(String) COMMENT 'western, tcm',
    state LowCardinality(String) COMMENT 'uploading, queued, checking, sending, validating, switching; done, refused, cancelled, expired, failed',
    file String COMMENT 'name that the sender gave it',
    size UInt64 COMMENT 'bytes, as declared at the beginning',
    sha256 String COMMENT 'of the file, as declared; empty: not declared',
    format LowCardinality(String) COMMENT 'csv, xlsx, dbf; empty: not looked at yet',
    encoding LowCardinality(String) COMMENT 'utf-8, gb18030, gbk',
    missing Array(LowCardinality(String)) COMMENT 'optional columns that the file does not have',
    rows UInt32 COMMENT 'rows of the file; 0 before it was checked',
    parts UInt32 COMMENT 'messages of the file',
    read_rows UInt32 COMMENT 'rows read by the check until now',
    sent_rows UInt32 COMMENT 'rows that the broker has',
    accepted UInt32 COMMENT 'at its end, like the three below',
    rejected UInt32,
    flagged UInt32 COMMENT 'accepted rows with a warning',
    findings UInt32,
    reason LowCardinality(String) COMMENT 'why refused, cancelled or failed: a code',
    line UInt32 COMMENT 'row of the file, as a spreadsheet counts them; 0: none',
    zh String COMMENT 'the reason in words, without values of the file',
    en String,
    number UInt8 COMMENT 'which submission of its month; 0: it does not count',
    late UInt8 COMMENT '1: the file was whole only after the window',
    started_at DateTime64(3, 'Asia/Shanghai'),
    sent_at DateTime64(3, 'Asia/Shanghai') COMMENT 'when the file was whole; part of the bytes of its messages',
    ended_at DateTime64(3, 'Asia/Shanghai') COMMENT '1970-01-01: not ended, like above',
    actor String COMMENT 'who sends',
    holder String COMMENT 'process that works on it',
    held_until DateTime64(3, 'Asia/Shanghai') COMMENT 'another process may go on from then',
    INDEX by_at at TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree
ORDER BY (id, version, writer)
SETTINGS non_replicated_deduplication_window = 100000;

-- Which submission counts for a month: the one of the highest version. The row is written when every row of a file has its
-- outcome; nothing of a file counts before it, and everything of it counts with it.
CREATE TABLE IF NOT EXISTS submission_switches
(
    id String COMMENT 'institution|month',
    version UInt32 COMMENT 'number of the submission in its month, from 1',
    writer String,
    at DateTime64(3, 'Asia/Shanghai'),
    org LowCardinality(String),
    month Date32,
    submission String
)
ENGINE = ReplacingMergeTree
ORDER BY (id, version, writer)
SETTINGS non_replicated_deduplication_window = 100000;

-- The rows of a submission as they are in the file, whatever became of them: to compare submissions, and to find a row.
CREATE TABLE IF NOT EXISTS submission_rows
(
    org LowCardinality(String),
    submission String,
    key String COMMENT 'primary key without the institution, parts joined by |; as row_key of findings',
    row UInt32 COMMENT 'row of the file, as a spreadsheet counts them',
    hash UInt64 COMMENT 'of all its values'
)
ENGINE = ReplacingMergeTree
ORDER BY (org, submission, key, row)
SETTINGS non_replicated_deduplication_window = 1000;

-- Months that an operator has opened outside of their window.
CREATE TABLE IF NOT EXISTS submission_openings
(
    org LowCardinality(String) COMMENT '* for every institution',
    month Date32,
    until DateTime64(3, 'Asia/Shanghai'),
    more UInt8 COMMENT 'submissions beyond the ordinary number',
    note String,
    deleted UInt8,
    changed_by String,
    updated_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (org, month)
SETTINGS non_replicated_deduplication_window = 1000;
