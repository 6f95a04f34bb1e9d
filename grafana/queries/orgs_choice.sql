-- Institutions to choose from, by name: value (code), text (name). Test institutions are not among them.
-- Parameters (empty: no filter): city, county, type String; level Int8 (-1: no filter).
SELECT org AS value, concat(name, ' ', org) AS text
FROM orgs FINAL
WHERE test = 0 AND active = 1 AND ({city:String} = '' OR city = {city:String})
    AND ({county:String} = '' OR county = {county:String})
    AND ({level:Int8} = -1 OR level = {level:Int8})
    AND ({type:String} = '' OR type = {type:String})
ORDER BY name, org
