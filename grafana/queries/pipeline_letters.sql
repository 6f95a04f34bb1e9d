-- Dead letters by time and reason. Rows, in order of time: time, name (the reason), letters UInt64. No parameters.
SELECT $__timeInterval(arrived_at) AS time, toString(reason) AS name, count() AS letters
FROM dead_letters FINAL
WHERE $__timeFilter(arrived_at)
GROUP BY time, name
ORDER BY time, name
