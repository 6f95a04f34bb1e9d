-- How many findings indicator_check_findings has in all its pages, by institution. Rows, by institution: org, findings
-- UInt64.
-- Parameters: biz_from, biz_to Date32 (both included); (empty: no filter) table, rule_id, severity, org, city, county,
-- type String; level Int8 (-1: no filter), test UInt8 (1: test institutions too).
SELECT org, count() AS findings
FROM findings FINAL
WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
    AND ({table:String} = '' OR `table` = {table:String})
    AND ({rule_id:String} = '' OR rule_id = {rule_id:String})
    AND ({severity:String} = '' OR severity = {severity:String})
    AND ({org:String} = '' OR org = {org:String})
    AND org IN {{org_scope}}
GROUP BY org
ORDER BY org
