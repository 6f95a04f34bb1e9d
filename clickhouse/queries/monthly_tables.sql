-- Tables that are sent once a month: no calendar of days and no expectation is about them. A part of other queries; a test
-- holds it against the standard. Rows: table String. No parameters.
SELECT 'TB_BASY' AS `table`
