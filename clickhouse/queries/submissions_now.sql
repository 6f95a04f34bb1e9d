-- Submissions as they stand: the newest step of each. Rows: every column of submission_steps.
-- Parameters: id, org String (empty: any), since DateTime64(3, 'Asia/Shanghai') (steps from then on).
SELECT *
FROM submission_steps
WHERE ({id:String} = '' OR id = {id:String}) AND ({org:String} = '' OR org = {org:String})
    AND at >= {since:DateTime64(3, 'Asia/Shanghai')}
ORDER BY id, version DESC, at, writer
LIMIT 1 BY id
