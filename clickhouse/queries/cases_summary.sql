-- What became of the cases that were raised in a period, by institution, by kind, or both. Rows: org, kind (empty when not
-- asked for), raised, closed_by_itself, closed_handled, closed_not_a_fault, closed_by_hand, superseded, open, appeals,
-- appeals_accepted, appeals_refused, overdue UInt64 (of which a stage was not done in time, once at least), median_hours
-- Float64 (from the opening until the end; NaN: none has ended).
-- Parameters: opened_from, opened_to DateTime64 (from ≤ opened_at < to), now DateTime64; org, kind String (empty: no
-- filter), by_org, by_kind, test UInt8 (1: with test institutions). Cases about no institution are left out.
SELECT
    if({by_org:UInt8} = 1, case_org, '') AS org,
    if({by_kind:UInt8} = 1, case_kind, '') AS kind,
    count() AS raised,
    countIf(last_ending = 'by_itself') AS closed_by_itself,
    countIf(last_ending = 'handled') AS closed_handled,
    countIf(last_ending = 'not_a_fault') AS closed_not_a_fault,
    countIf(last_ending = 'by_hand') AS closed_by_hand,
    countIf(last_ending = 'superseded') AS superseded,
    countIf(last_ending = '') AS open,
    sum(case_appeals) AS appeals,
    sum(case_accepted) AS appeals_accepted,
    sum(case_refused) AS appeals_refused,
    countIf(was_overdue) AS overdue,
    quantileExactInclusiveIf(0.5)(hours, last_ending != '') AS median_hours
FROM
(
    SELECT
        id,
        any(step_org) AS case_org,
        any(step_kind) AS case_kind,
        argMax(ending, version) AS last_ending,
        countIf(action = 'appeal') AS case_appeals,
        countIf(action = 'accept') AS case_accepted,
        countIf(action = 'refuse') AS case_refused,
        argMax(toUnixTimestamp64Milli(closed_at) - toUnixTimestamp64Milli(opened_at), version) / 3600000 AS hours,
        arraySort(groupArray((version, at, due_at))) AS steps,
        -- a stage was not done in time when it was still the same at the next step, or is now, after its due date
        arrayExists((step, until) -> step.3 > toDateTime64(0, 3) AND step.3 <= until, steps,
            arrayPushBack(arrayPopFront(steps.2), {now:DateTime64(3, 'Asia/Shanghai')})) AS was_overdue
    FROM
    (
        SELECT id, version, at, org AS step_org, kind AS step_kind, action, ending, due_at, opened_at, closed_at
        FROM case_steps
        WHERE opened_at >= {opened_from:DateTime64(3, 'Asia/Shanghai')}
            AND opened_at < {opened_to:DateTime64(3, 'Asia/Shanghai')}
            AND org != ''
            AND ({org:String} = '' OR org = {org:String})
            AND ({kind:String} = '' OR kind = {kind:String})
            AND ({test:UInt8} = 1 OR org NOT IN (SELECT org FROM orgs FINAL WHERE test = 1))
        ORDER BY id, version, at, writer
        LIMIT 1 BY id, version
    )
    GROUP BY id
)
GROUP BY org, kind
ORDER BY org, kind
