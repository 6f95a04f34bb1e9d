-- Versions of one code map, newest first. Rows: version, at, changed_by, undoes (version that it takes back; 0: none),
-- undone_by (0: not), codes (local codes changed), added (that were not there before), unmapped.
-- Parameters: org, map String; after UInt32 (0: all).
WITH changes AS {{code_map_changes}}
SELECT one.*, undoing.version AS undone_by
FROM (
    SELECT
        version, any(changes.at) AS at, any(changes.changed_by) AS changed_by, any(changes.undoes) AS undoes,
        count() AS codes, countIf(before = '') AS added, countIf(JSONExtractString(after, 'standard_code') = '') AS unmapped
    FROM changes
    GROUP BY version
) AS one
LEFT JOIN (SELECT undoes, max(version) AS version FROM changes WHERE undoes > 0 GROUP BY undoes) AS undoing
    ON undoing.undoes = one.version
ORDER BY version DESC
