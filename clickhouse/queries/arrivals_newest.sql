-- When something of these institutions landed last. Rows: org, newest DateTime64(3); institutions of which nothing landed
-- since are not there.
-- Parameters: orgs Array(String), since DateTime64.
SELECT toString(org) AS org, max(stored_at) AS newest
FROM ledger
WHERE org IN {orgs:Array(String)} AND stored_at >= {since:DateTime64(3, 'Asia/Shanghai')}
GROUP BY org
