-- Institutions that a report is about; test institutions are in no report unless asked for. Rows: org.
-- Parameters (empty: no filter): org, city, county, type String; level Int8 (-1: no filter); test UInt8 (1: test
-- institutions too; one that is asked for by its code is in anyway).
SELECT org
FROM orgs FINAL
WHERE ({org:String} = '' OR org = {org:String})
    AND ({city:String} = '' OR city = {city:String})
    AND ({county:String} = '' OR county = {county:String})
    AND ({level:Int8} = -1 OR level = {level:Int8})
    AND ({type:String} = '' OR type = {type:String})
    AND (test = 0 OR {test:UInt8} = 1 OR org = {org:String})
