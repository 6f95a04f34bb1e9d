-- Cases in their newest step. Rows: every column of case_steps but writer.
-- Parameters (empty, or 1970-01-01 for times: no filter): id, org, table, kind, severity String, state String (one, or
-- live: all but resolved), stage String, side String (whose turn it is: hospital, overseer), overdue_at DateTime64 (only
-- cases whose stage should have been done by then), text String (found in what the case says, in its last note, table or
-- id) or text_orgs Array(String) (or of these institutions; only with text), opened_from, opened_to DateTime64 (from ≤ opened_at < to), ended_since DateTime64 (leaves out
-- resolved cases that ended before, but for those still watched).
SELECT * EXCEPT (writer)
FROM case_steps
WHERE ({id:String} = '' OR id = {id:String})
    AND ({text:String} = '' OR org IN {text_orgs:Array(String)} OR startsWith(id, {text:String})
        OR arrayExists(part -> positionCaseInsensitiveUTF8(part, {text:String}) > 0, [zh, en, note, `table`]))
    AND (id, version) IN
    (
        -- the few columns that decide, for the many; the rest is read of what is left
        SELECT id, max(case_steps.version)
        FROM case_steps
        WHERE ({id:String} = '' OR id = {id:String})
            AND ({org:String} = '' OR org = {org:String})
            AND ({table:String} = '' OR `table` = {table:String})
            AND ({kind:String} = '' OR kind = {kind:String})
            AND ({opened_from:DateTime64(3, 'Asia/Shanghai')} = toDateTime64(0, 3)
                OR opened_at >= {opened_from:DateTime64(3, 'Asia/Shanghai')})
            AND ({opened_to:DateTime64(3, 'Asia/Shanghai')} = toDateTime64(0, 3)
                OR opened_at < {opened_to:DateTime64(3, 'Asia/Shanghai')})
        GROUP BY id
        HAVING ({severity:String} = '' OR argMax(severity, version) = {severity:String})
            AND ({state:String} = '' OR argMax(state, version) = {state:String}
                OR ({state:String} = 'live' AND argMax(state, version) != 'resolved'))
            AND ({stage:String} = '' OR argMax(stage, version) = {stage:String})
            AND ({side:String} = '' OR {side:String} = argMax(
                multiIf(stage = 'closed', '', stage IN ('clue', 'review') OR (stage = 'verify' AND appeal = 'waiting'),
                    'overseer', 'hospital'), version))
            AND ({overdue_at:DateTime64(3, 'Asia/Shanghai')} = toDateTime64(0, 3)
                OR argMax(due_at > toDateTime64(0, 3)
                    AND due_at <= {overdue_at:DateTime64(3, 'Asia/Shanghai')}, version))
            AND argMax(state != 'resolved' OR firing OR flapping
                OR turned_at >= {ended_since:DateTime64(3, 'Asia/Shanghai')}, version)
        SETTINGS optimize_aggregation_in_order = 1
    )
ORDER BY id, at, writer
LIMIT 1 BY id
