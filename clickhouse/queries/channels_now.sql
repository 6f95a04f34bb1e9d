-- Channels by name, inactive ones too, with their secrets. Rows: every column of channels.
-- Parameters: none.
SELECT *
FROM channels FINAL
WHERE deleted = 0
ORDER BY name
