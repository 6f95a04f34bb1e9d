-- How many deliveries outbox_page has in all its pages. One row: deliveries UInt64.
-- Parameters: those of outbox_newest.
SELECT count() AS deliveries
FROM {{outbox_newest}}
