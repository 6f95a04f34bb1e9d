-- How many batches batches_page has in all its pages. One row: batches UInt64.
-- Parameters: those of batches_page but limit and offset: org, table String, biz_from, biz_to Date32.
SELECT uniqExact(org, `table`, batch, if(batch = '', (topic_id, partition, offset), ('', 0, 0))) AS batches
FROM ledger FINAL
WHERE ({org:String} = '' OR org = {org:String})
    AND ({table:String} = '' OR `table` = {table:String})
    AND ({biz_from:Date32} = toDate32(0) OR biz_date >= {biz_from:Date32})
    AND ({biz_to:Date32} = toDate32(0) OR biz_date <= {biz_to:Date32})
    AND kind != 'repeat'
