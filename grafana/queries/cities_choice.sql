-- Cities that institutions are in, to choose from: value (GB/T 2260 code), text. No parameters.
SELECT DISTINCT toString(city) AS value, if(city = '', '未填写', toString(city)) AS text
FROM orgs FINAL
WHERE test = 0 AND city != ''
ORDER BY value
