-- Entries of the audit log, newest first. Rows: at, id, actor, action, target, detail, address.
-- Parameters: since, until DateTime64(3, 'Asia/Shanghai') (until is left out of the range); actor, action, target
-- String (empty: no filter; action 'user' finds user.add, user.change, …), limit, offset UInt32.
SELECT at, toString(id) AS id, actor, action, target, detail, address
FROM audit_log
WHERE at >= {since:DateTime64(3, 'Asia/Shanghai')} AND at < {until:DateTime64(3, 'Asia/Shanghai')}
    AND ({actor:String} = '' OR actor = {actor:String})
    AND ({action:String} = '' OR action = {action:String} OR startsWith(action, {action:String} || '.'))
    AND ({target:String} = '' OR target = {target:String})
ORDER BY at DESC, id DESC
LIMIT {limit:UInt32} OFFSET {offset:UInt32}
