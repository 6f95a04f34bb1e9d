-- The topics of alerts that there have been, in their order. Rows: epoch String (id of the topic), partitions
-- Array(UInt32), began DateTime64. No parameters.
SELECT epoch, arraySort(groupUniqArray(partition)) AS partitions, min(published_at) AS began
FROM alert_positions
GROUP BY epoch
ORDER BY began, epoch
