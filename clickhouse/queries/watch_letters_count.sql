-- How many messages and rows could not be read lately. One row: letters UInt64.
-- Parameters: since DateTime64 (arrived at or after it).
SELECT count() AS letters
FROM dead_letters FINAL
WHERE dead_letters.arrived_at >= {since:DateTime64(3, 'Asia/Shanghai')}
