-- Which rules messages of an institution violate. Rows, by message: topic_id, partition UInt32, offset UInt64, table,
-- rule_id, severity, column, rows UInt64; errors first, then by how many.
-- Parameters: org String; topic_ids Array(String), partitions Array(UInt32), offsets Array(UInt64), of equal length.
SELECT
    toString(topic_id) AS topic_id,
    partition,
    offset,
    any(toString(`table`)) AS `table`,
    toString(rule_id) AS rule_id,
    any(toString(findings.severity)) AS severity,
    any(toString(findings.column)) AS column,
    count() AS rows
FROM findings FINAL
WHERE org = {org:String} AND offset IN {offsets:Array(UInt64)}
    AND (topic_id, partition, offset) IN
    (
        SELECT tupleElement(place, 1), tupleElement(place, 2), tupleElement(place, 3)
        FROM
        (
            SELECT arrayJoin(arrayZip(
                {topic_ids:Array(String)}, {partitions:Array(UInt32)}, {offsets:Array(UInt64)})) AS place
        )
    )
GROUP BY topic_id, partition, offset, rule_id
ORDER BY severity = 'error' DESC, rows DESC, rule_id
