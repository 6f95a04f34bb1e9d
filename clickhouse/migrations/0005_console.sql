-- What the console needs.

-- The closed loop of a case: clue, verification, handling, review.
ALTER TABLE case_steps ADD COLUMN IF NOT EXISTS stage LowCardinality(String) DEFAULT if(state = 'resolved', 'closed', 'clue') COMMENT 'clue, verify, handle, review, closed';
ALTER TABLE case_steps ADD COLUMN IF NOT EXISTS appeal LowCardinality(String) DEFAULT '' COMMENT 'of the institution: waiting, accepted, refused';
ALTER TABLE case_steps ADD COLUMN IF NOT EXISTS ending LowCardinality(String) DEFAULT multiIf(state != 'resolved', '', action = 'supersede', 'superseded', action = 'resolve' AND actor != 'sanjian', 'by_hand', 'by_itself') COMMENT 'by_itself, handled, not_a_fault, by_hand, superseded';
ALTER TABLE case_steps ADD COLUMN IF NOT EXISTS due_at DateTime64(3, 'Asia/Shanghai') DEFAULT toDateTime64(0, 3, 'Asia/Shanghai') COMMENT 'until when the stage should be done; 1970-01-01: no matter';
ALTER TABLE case_steps ADD COLUMN IF NOT EXISTS closed_at DateTime64(3, 'Asia/Shanghai') DEFAULT if(state = 'resolved', at, toDateTime64(0, 3, 'Asia/Shanghai')) COMMENT '1970-01-01: not closed';
ALTER TABLE case_steps ADD COLUMN IF NOT EXISTS actor_of String DEFAULT '' COMMENT 'institution or region for which the actor acts';

-- Every change of a threshold; thresholds holds only what is set now.
CREATE TABLE IF NOT EXISTS threshold_changes
(
    org LowCardinality(String) COMMENT '* for every institution',
    table LowCardinality(String) COMMENT '* for every table',
    name LowCardinality(String),
    value Float64,
    deleted UInt8,
    changed_by String,
    updated_at DateTime64(3, 'Asia/Shanghai')
)
ENGINE = ReplacingMergeTree
ORDER BY (name, org, table, updated_at)
SETTINGS non_replicated_deduplication_window = 1000;
INSERT INTO threshold_changes SELECT org, table, name, value, deleted, changed_by, updated_at FROM thresholds FINAL;
