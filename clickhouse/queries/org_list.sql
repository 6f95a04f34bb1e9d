-- Institutions by code. Rows: every column of orgs.
-- Parameters (empty or 0: no filter): city, county String, active_only UInt8, without_test UInt8.
SELECT *
FROM orgs FINAL
WHERE ({city:String} = '' OR city = {city:String})
    AND ({county:String} = '' OR county = {county:String})
    AND ({active_only:UInt8} = 0 OR active = 1)
    AND ({without_test:UInt8} = 0 OR test = 0)
ORDER BY org
