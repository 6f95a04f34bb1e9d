-- The findings of some rejected rows. Rows: topic_id, partition, offset, row, rule_id, column, value (masked when
-- personal), severity.
-- Parameters: orgs, tables, topic_ids Array(String), days Array(Date32), partitions Array(UInt32), offsets Array(UInt64),
-- rows Array(UInt32); topic_ids and the last three have one for each row, the others name what occurs.
SELECT toString(topic_id) AS topic_id, partition, offset, row, toString(rule_id) AS rule_id,
    toString(column) AS column, value, toString(severity) AS severity
FROM findings FINAL
WHERE org IN {orgs:Array(String)} AND `table` IN {tables:Array(String)} AND biz_date IN {days:Array(Date32)}
    AND outcome = 'rejected'
    AND (topic_id, partition, offset, row) IN
    (
        SELECT tupleElement(place, 1), tupleElement(place, 2), tupleElement(place, 3), tupleElement(place, 4)
        FROM
        (
            SELECT arrayJoin(arrayZip({topic_ids:Array(String)}, {partitions:Array(UInt32)}, {offsets:Array(UInt64)},
                {rows:Array(UInt32)})) AS place
        )
    )
ORDER BY topic_id, partition, offset, row, severity, rule_id
