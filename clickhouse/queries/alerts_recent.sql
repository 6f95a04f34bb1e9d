-- Alerts as published, newest first; a replay raises none. Rows: payload String (JSON).
-- Parameters: org String (empty: all), since DateTime64 (raised then or later), limit and offset UInt32.
SELECT payload
FROM alerts FINAL
WHERE ({org:String} = '' OR org = {org:String})
    AND raised_at >= {since:DateTime64(3, 'Asia/Shanghai')}
    AND replay = 0
ORDER BY raised_at DESC, id
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
