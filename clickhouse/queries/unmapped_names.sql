-- What the institutions call local codes that landed without a standard code. Rows: org, code, name.
-- Parameters: orgs, codes Array(String): every code of `codes` that one of `orgs` sent.
SELECT org, code, argMax(unmapped_codes.name, arrived_at) AS name
FROM unmapped_codes
WHERE org IN {orgs:Array(String)} AND code IN {codes:Array(String)} AND unmapped_codes.name != ''
GROUP BY org, code
