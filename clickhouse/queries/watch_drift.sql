-- Columns that the standard does not know, of tables whose newest upload still has them. Rows: org, table, columns
-- Array(String), messages, of UInt64 (messages with such columns, and all), since DateTime64 (first one of them).
-- Parameters: since DateTime64 (sent and arrived at or after it).
SELECT toString(org) AS org, toString(`table`) AS `table`, arraySort(groupUniqArrayArray(unknown_columns)) AS columns,
    uniqExactIf((topic_id, partition, offset), notEmpty(unknown_columns)) AS messages,
    uniqExact(topic_id, partition, offset) AS of,
    minIf(ledger.arrived_at, notEmpty(unknown_columns)) AS first_at
FROM ledger
WHERE source_time >= {since:DateTime64(3, 'Asia/Shanghai')} AND arrived_at >= {since:DateTime64(3, 'Asia/Shanghai')}
    AND kind IN ('batch', 'debezium') AND ledger.received > 0 AND org != ''
GROUP BY org, `table`
HAVING notEmpty(columns)
    AND maxIf(source_time, notEmpty(unknown_columns)) >= maxIf(source_time, empty(unknown_columns))
