-- The state of every institution, table and business day that was expected or of which something came.
-- Rows, by institution, table and day: org, table, biz_date Date32, state, reason, received, accepted, rejected, flagged,
-- unreadable UInt64, declared_empty UInt8, first_arrived_at, last_arrived_at, due_at, grace_until DateTime64
-- (1970-01-01: none), incident UInt8 (1: the day is marked as an incident), excused_until DateTime64 (what comes before
-- it is not late, because we were away at due_at; 1970-01-01: we were not).
-- state: not_expected (reason: why), pending, received, late (first arrival after due_at), missing (nothing came; reason
-- incident: nobody is blamed), empty (declared that nothing happened), partial (far fewer rows than on this weekday;
-- reason late: and late), unknown (nothing was landed, and our own ingest cannot tell: reason lag, or outage).
-- Parameters: biz_from, biz_to Date32 (both included), org, table String (empty: all), now DateTime64, watermark
-- DateTime64 (what arrived before it has landed).
SELECT
    org,
    `table`,
    biz_date,
    multiIf(
        received > 0 AND few = 1 AND expected = 1 AND is_over, 'partial',
        is_late, 'late',
        received > 0, 'received',
        declared_empty = 1, 'empty',
        expected = 0, 'not_expected',
        {now:DateTime64(3, 'Asia/Shanghai')} < grace_until, 'pending',
        is_over, 'missing',
        'unknown'
    ) AS state,
    multiIf(
        state = 'not_expected', why,
        state = 'missing' AND incident = 1, 'incident',
        state = 'unknown' AND {watermark:DateTime64(3, 'Asia/Shanghai')} >= grace_until, 'outage',
        state = 'unknown', 'lag',
        state = 'partial' AND is_late, 'late',
        ''
    ) AS reason,
    received,
    accepted,
    rejected,
    flagged,
    unreadable,
    declared_empty,
    first_arrived_at,
    last_arrived_at,
    due_at,
    grace_until,
    incident,
    excused_until
FROM
(
    SELECT
        biz_date,
        org,
        `table`,
        max(one.expected) AS expected,
        max(one.why) AS why,
        max(one.due_at) AS due_at,
        max(one.grace_until) AS grace_until,
        max(one.incident) AS incident,
        sum(one.received) AS received,
        sum(one.accepted) AS accepted,
        sum(one.rejected) AS rejected,
        sum(one.flagged) AS flagged,
        sum(one.unreadable) AS unreadable,
        max(one.declared_empty) AS declared_empty,
        -- of the rows; of the declaration when there are none
        if(sum(one.received) > 0, minIf(one.first_arrived_at, one.received > 0),
            minIf(one.first_arrived_at, one.declared_empty = 1)) AS first_arrived_at,
        max(one.last_arrived_at) AS last_arrived_at,
        max(one.few) AS few,
        {watermark:DateTime64(3, 'Asia/Shanghai')} >= greatest(max(one.grace_until), max(one.blind_until)) AS is_over,
        if(max(one.blind_from) <= due_at, max(one.blind_until), toDateTime64(0, 3, 'Asia/Shanghai')) AS excused_until,
        expected = 1 AND (received > 0 OR declared_empty = 1) AND first_arrived_at > greatest(due_at, excused_until)
            AS is_late
    FROM
    (
        SELECT
            biz_date, org, `table`, expected_days.expected AS expected, toString(expected_days.reason) AS why,
            expected_days.due_at AS due_at, expected_days.grace_until AS grace_until,
            expected_days.blind_from AS blind_from, expected_days.blind_until AS blind_until,
            expected_days.incident AS incident, toUInt64(0) AS received, toUInt64(0) AS accepted,
            toUInt64(0) AS rejected, toUInt64(0) AS flagged, toUInt64(0) AS unreadable, toUInt8(0) AS declared_empty,
            toDateTime64(0, 3, 'Asia/Shanghai') AS first_arrived_at,
            toDateTime64(0, 3, 'Asia/Shanghai') AS last_arrived_at, toUInt8(0) AS few
        FROM expected_days FINAL
        WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
            AND ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
        UNION ALL
        SELECT
            biz_date, org, `table`, 0, '', toDateTime64(0, 3, 'Asia/Shanghai'), toDateTime64(0, 3, 'Asia/Shanghai'),
            toDateTime64(0, 3, 'Asia/Shanghai'), toDateTime64(0, 3, 'Asia/Shanghai'), 0, ledger_days.received,
            ledger_days.accepted, ledger_days.rejected, ledger_days.flagged, ledger_days.unreadable,
            ledger_days.declared_empty, ledger_days.first_arrived_at, ledger_days.last_arrived_at, 0
        FROM ledger_days FINAL
        WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32} AND biz_date > toDate32(0) AND org != ''
            AND (ledger_days.received > 0 OR ledger_days.declared_empty = 1)
            AND ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
        UNION ALL
        SELECT
            biz_date, org, `table`, 0, '', toDateTime64(0, 3, 'Asia/Shanghai'), toDateTime64(0, 3, 'Asia/Shanghai'),
            toDateTime64(0, 3, 'Asia/Shanghai'), toDateTime64(0, 3, 'Asia/Shanghai'), 0, 0, 0, 0, 0, 0, 0,
            toDateTime64(0, 3, 'Asia/Shanghai'), toDateTime64(0, 3, 'Asia/Shanghai'), 1
        FROM judgements FINAL
        WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32} AND detector = 'volume'
            AND verdict IN ('warning', 'critical') AND numerator < baseline
            AND ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
    ) AS one
    GROUP BY biz_date, org, `table`
)
ORDER BY org, `table`, biz_date
