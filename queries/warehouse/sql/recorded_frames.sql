SELECT metric, region, argMax(changed, number) AS last_changed, argMax(rows, number) AS last_rows
FROM batch_frames
WHERE day BETWEEN {day:Date} - 1 AND {day:Date} + 1
  AND full = {full:UInt64} AND term = {term:UInt64} AND number <= {number:UInt64}
  AND ({metric:String} = '' OR metric = {metric:String})
  AND ({region:String} = '' OR region = {region:String})
GROUP BY metric, region
ORDER BY metric, region
