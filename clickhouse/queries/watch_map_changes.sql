-- Whether code maps were changed. One row: changed UInt64 (entries), at DateTime64 (the last one).
-- Parameters: since DateTime64 (changed at or after it).
SELECT count() AS changed, max(updated_at) AS at
FROM code_maps
WHERE updated_at >= {since:DateTime64(3, 'Asia/Shanghai')}
