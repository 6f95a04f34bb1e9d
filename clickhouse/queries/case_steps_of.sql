-- The steps of a case in order. Rows: every column of case_steps but writer.
-- Parameters: id String.
SELECT * EXCEPT (writer)
FROM case_steps
WHERE id = {id:String}
ORDER BY version, at, writer
LIMIT 1 BY version
