-- Local codes of day_facts by month: a month of a province has a tenth as many of them as its days together.
CREATE TABLE IF NOT EXISTS code_months
(
    month Date32 COMMENT 'its first day',
    org LowCardinality(String),
    table LowCardinality(String),
    codes Array(Tuple(column LowCardinality(String), map LowCardinality(String), code String, standard_code String, rows UInt64)) COMMENT 'as in day_facts',
    days UInt64 COMMENT 'hash of the days it was made from',
    computed_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree(computed_at)
ORDER BY (month, org, table)
SETTINGS non_replicated_deduplication_window = 1000;
