-- Deliveries in their newest step. Rows: every column of outbox but writer and payload.
-- Parameters (empty: no filter): id, from_id (ids sort by time: what is below is not looked at), channel, org, notice,
-- state String (one, or open: neither delivered nor dead).
SELECT id, version, at, channel, org, notice, kind, state, attempts, not_before, reason
FROM outbox
WHERE ({id:String} = '' OR id = {id:String})
    AND id >= {from_id:String}
    AND (id, version) IN
    (
        SELECT id, max(outbox.version)
        FROM outbox
        WHERE ({id:String} = '' OR id = {id:String})
            AND id >= {from_id:String}
            AND ({channel:String} = '' OR channel = {channel:String})
            AND ({org:String} = '' OR org = {org:String})
            AND ({notice:String} = '' OR notice = {notice:String})
        GROUP BY id
        HAVING {state:String} = '' OR argMax(state, version) = {state:String}
            OR ({state:String} = 'open' AND argMax(state, version) NOT IN ('delivered', 'dead'))
        SETTINGS optimize_aggregation_in_order = 1
    )
ORDER BY id, at, writer
LIMIT 1 BY id
