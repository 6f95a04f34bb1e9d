-- Whether code maps were changed. One row: changed UInt64 (entries).
-- Parameters: since DateTime64 (changed at or after it).
SELECT count() AS changed
FROM code_maps
WHERE updated_at >= {since:DateTime64(3, 'Asia/Shanghai')}
