-- A redrive as it stands. Rows: every column of redrives; none when there is no such redrive.
-- Parameters: id String.
SELECT *
FROM redrives FINAL
WHERE id = {id:String}
