-- Association: how the references between tables hold, by month, institution, table and rule. What was resolved later
-- does not count as failed. Rows: month UInt32 (202611), org, name, table, rule_id, kind, severity, checked, failed
-- UInt64, failed_rate Nullable(Float64) (NULL: no row to check).
-- Parameters: kind String (parent: rows whose parent is not there; empty: every rule of scope store), biz_from, biz_to
-- Date32 (both included); (empty: no filter) table, org, city, county, type String; level Int8 (-1: no filter), test
-- UInt8 (1: test institutions too).
SELECT
    month,
    sums.org AS org,
    known.name AS name,
    `table`,
    rule_id,
    kind,
    severity,
    checked,
    failed,
    if(checked = 0, NULL, failed / checked) AS failed_rate
FROM
(
    SELECT
        toYYYYMM(biz_date) AS month,
        org,
        `table`,
        rule_id,
        any(store_days.kind) AS kind,
        any(store_days.severity) AS severity,
        sum(store_days.checked) AS checked,
        sum(store_days.failed) AS failed
    FROM store_days FINAL
    WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
        AND ({kind:String} = '' OR store_days.kind = {kind:String})
        AND ({table:String} = '' OR `table` = {table:String})
        AND org IN {{org_scope}}
    GROUP BY month, org, `table`, rule_id
) AS sums
LEFT JOIN (SELECT org, name FROM orgs FINAL) AS known ON sums.org = known.org
ORDER BY month, org, `table`, rule_id
