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
WITH
    {watermark:DateTime64(3, 'Asia/Shanghai')} >= greatest(grace_until, blind_until) AS is_over,
    expected = 1 AND (received > 0 OR declared_empty = 1) AND first_arrived_at > greatest(due_at, excused_until)
        AS is_late,
    (biz_date, org, `table`) IN
    (
        SELECT biz_date, org, `table`
        FROM judgements FINAL
        WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32} AND detector = 'volume'
            AND verdict IN ('warning', 'critical') AND numerator < baseline
            AND ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
    ) AS is_few
SELECT
    org,
    `table`,
    biz_date,
    multiIf(
        received > 0 AND is_few AND expected = 1 AND is_over, 'partial',
        is_late, 'late',
        received > 0, 'received',
        declared_empty = 1, 'empty',
        expected = 0, 'not_expected',
        {now:DateTime64(3, 'Asia/Shanghai')} < grace_until, 'pending',
        is_over, 'missing',
        'unknown'
    ) AS state,
    multiIf(
        state = 'not_expected', toString(why),
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
    if(blind_from <= due_at, blind_until, toDateTime64(0, 3, 'Asia/Shanghai')) AS excused_until
FROM
(
    SELECT biz_date, org, `table`, expected, expected_days.reason AS why, due_at, grace_until, blind_from, blind_until,
        incident
    FROM expected_days FINAL
    WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
        AND ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
) AS owed
-- A join of one row with one row: grouping a union of both costs twice as much, and sorting what comes out of it again.
FULL JOIN
(
    SELECT
        biz_date, org, `table`,
        sum(ledger_days.received) AS received,
        sum(ledger_days.accepted) AS accepted,
        sum(ledger_days.rejected) AS rejected,
        sum(ledger_days.flagged) AS flagged,
        sum(ledger_days.unreadable) AS unreadable,
        max(ledger_days.declared_empty) AS declared_empty,
        -- of the rows; of the declaration when there are none
        if(sum(ledger_days.received) > 0, minIf(ledger_days.first_arrived_at, ledger_days.received > 0),
            min(ledger_days.first_arrived_at)) AS first_arrived_at,
        max(ledger_days.last_arrived_at) AS last_arrived_at
    FROM ledger_days FINAL
    WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32} AND biz_date > toDate32(0) AND org != ''
        AND `table` NOT IN {{monthly_tables}}
        AND (ledger_days.received > 0 OR ledger_days.declared_empty = 1)
        AND ({org:String} = '' OR org = {org:String}) AND ({table:String} = '' OR `table` = {table:String})
    GROUP BY biz_date, org, `table`
) AS came USING (biz_date, org, `table`)
ORDER BY org, `table`, biz_date
