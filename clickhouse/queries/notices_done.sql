-- Whether a notice is whole: kept, handed to the outbox, published. Rows: id; none when it is not.
-- Parameters: id String.
SELECT id
FROM notices_done
WHERE id = {id:String}
LIMIT 1
