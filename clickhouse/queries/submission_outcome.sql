-- What became of the rows of a submission until now, by message. Rows: batch, accepted, rejected, flagged, unreadable,
-- findings UInt64. A message that was sent twice is there once.
-- Parameters: org, id String, sent_at DateTime64(3, 'Asia/Shanghai') (the time of sending of all its messages).
SELECT batch, sum(ledger.accepted) AS accepted, sum(ledger.rejected) AS rejected, sum(ledger.flagged) AS flagged,
    sum(ledger.unreadable) AS unreadable, sum(ledger.findings) AS findings
FROM ledger FINAL
WHERE source_time = {sent_at:DateTime64(3, 'Asia/Shanghai')} AND org = {org:String}
    AND startsWith(batch, concat({id:String}, '/')) AND kind != 'repeat'
GROUP BY batch
