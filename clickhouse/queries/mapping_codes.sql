-- Every local code in use, and whether it has a standard code now. A code of a column that takes drug and item codes
-- belongs to the map that knows it, otherwise to drugs. A code that is itself a standard code counts as mapped where it
-- landed so (setting identity_maps of the standard).
-- Rows: org, map, code, columns Array(String), rows, landed_mapped UInt64 (rows that had a standard code when they
-- landed), standard_code (now; empty: unmapped), local_name (of the map's entry).
-- Parameters: maps Array(String) (department, fee, drug, item), both Array(String) (columns that take drug and item
-- codes), items Array(String) (the standard item codes), biz_from, biz_to Date32 (both included); (empty: no filter)
-- table, org, city, county, type String; level Int8 (-1: no filter), test UInt8 (1: test institutions too).
WITH
    -- whole months are summed already; where there is none, every day lies outside of them
    addDays(addMonths({biz_from:Date32}, 1), -1) AS month_later,
    addDays({biz_to:Date32}, 1) AS day_later,
    addDays(month_later, 1 - toDayOfMonth(month_later)) AS first_whole,
    addDays(day_later, -toDayOfMonth(day_later)) AS last_whole,
    (is_both AND own.standard_code = ''
        AND (item.standard_code != '' OR used.code IN {items:Array(String)})) AS is_item,
entries AS
(
    SELECT org, map, local_code, standard_code, local_name
    FROM code_maps FINAL
    WHERE org IN {{org_scope}}
)
SELECT
    used.org AS org,
    if(is_item, 'item', first_map) AS map,
    used.code AS code,
    arraySort(groupUniqArrayArray(used.columns)) AS columns,
    sum(used.rows) AS rows,
    sum(used.landed_mapped) AS landed_mapped,
    max(multiIf(
        is_item AND item.standard_code != '', item.standard_code,
        NOT is_item AND own.standard_code != '', own.standard_code,
        landed_itself > 0, used.code,
        ''
    )) AS standard_code,
    max(if(is_item, item.local_name, own.local_name)) AS local_name
FROM
(
    -- by what decides, not by column: a third of the groups to join
    SELECT
        org,
        toString(of_map) AS first_map,
        of_column IN {both:Array(String)} AS is_both,
        code,
        groupUniqArray(toString(of_column)) AS columns,
        sum(of_rows) AS rows,
        sumIf(of_rows, landed != '') AS landed_mapped,
        countIf(landed = code) AS landed_itself
    FROM
    (
        SELECT org, `table`, codes
        FROM code_months FINAL
        WHERE month BETWEEN first_whole AND last_whole
        UNION ALL
        SELECT org, `table`, codes
        FROM day_facts FINAL
        WHERE biz_date BETWEEN {biz_from:Date32} AND {biz_to:Date32}
            AND (biz_date < first_whole OR biz_date > last_whole)
    )
    ARRAY JOIN
        codes.map AS of_map, codes.column AS of_column, codes.code AS code, codes.rows AS of_rows,
        codes.standard_code AS landed
    WHERE ({table:String} = '' OR `table` = {table:String})
        AND org IN {{org_scope}}
        AND code != ''
        AND (of_map IN {maps:Array(String)} OR has({maps:Array(String)}, 'item') AND of_column IN {both:Array(String)})
    GROUP BY org, of_map, is_both, code
) AS used
LEFT JOIN entries AS own ON own.org = used.org AND own.map = used.first_map AND own.local_code = used.code
LEFT JOIN (SELECT * FROM entries WHERE map = 'item') AS item
    ON item.org = used.org AND item.local_code = used.code
GROUP BY org, map, code
HAVING has({maps:Array(String)}, map)
