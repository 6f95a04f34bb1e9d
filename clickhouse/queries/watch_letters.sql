-- Dead letters that nobody has put right: the same bytes were not read later (a redrive), nor another message of the same
-- batch. Rows: org, table, letters UInt64, reasons Array(String) (the most frequent first), last_at DateTime64.
-- Parameters: since DateTime64 (arrived at or after it).
WITH
letters AS
(
    SELECT topic_id, partition, offset, toString(org) AS org, toString(`table`) AS `table`, batch, toString(reason) AS reason,
        arrived_at
    FROM dead_letters FINAL
    WHERE dead_letters.arrived_at >= {since:DateTime64(3, 'Asia/Shanghai')}
),
own AS
(
    SELECT topic_id, partition, offset, max(ledger.message_id) AS message_id
    FROM ledger
    WHERE (topic_id, partition, offset) IN (SELECT topic_id, partition, offset FROM letters)
    GROUP BY topic_id, partition, offset
),
read_again AS
(
    SELECT message_id, max(ledger.arrived_at) AS read_at
    FROM ledger
    WHERE message_id IN (SELECT message_id FROM own) AND kind NOT IN ('unreadable', 'repeat') AND unreadable = 0
    GROUP BY message_id
),
sent_again AS
(
    SELECT org, `table`, batch, max(ledger.arrived_at) AS read_at
    FROM ledger
    WHERE batch IN (SELECT batch FROM letters WHERE batch != '') AND kind NOT IN ('unreadable', 'repeat')
        AND unreadable = 0
    GROUP BY org, `table`, batch
)
SELECT letters.org AS org, letters.`table` AS `table`, count() AS letters, topK(5)(reason) AS reasons,
    max(letters.arrived_at) AS last_at
FROM letters
LEFT JOIN own ON letters.topic_id = own.topic_id AND letters.partition = own.partition AND letters.offset = own.offset
LEFT JOIN read_again ON own.message_id = read_again.message_id
LEFT JOIN sent_again ON letters.org = sent_again.org AND letters.`table` = sent_again.`table`
    AND letters.batch = sent_again.batch AND letters.batch != ''
WHERE read_again.read_at <= letters.arrived_at AND sent_again.read_at <= letters.arrived_at
GROUP BY org, `table`
