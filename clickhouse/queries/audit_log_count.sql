-- How many entries audit_log_page would find without limit. Rows: one with entries.
-- Parameters: since, until DateTime64(3, 'Asia/Shanghai') (until is left out of the range); actor, action, target
-- String (empty: no filter; action 'user' finds user.add, user.change, …).
SELECT count() AS entries
FROM audit_log
WHERE at >= {since:DateTime64(3, 'Asia/Shanghai')} AND at < {until:DateTime64(3, 'Asia/Shanghai')}
    AND ({actor:String} = '' OR actor = {actor:String})
    AND ({action:String} = '' OR action = {action:String} OR startsWith(action, {action:String} || '.'))
    AND ({target:String} = '' OR target = {target:String})
