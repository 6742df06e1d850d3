-- What changes when rows arrive (block number), are mutated (data version) or
-- dropped (the lowest block), and stays when parts are merged.
SELECT table,
       max(max_block_number) AS last_block,
       max(data_version) AS data_version,
       min(min_block_number) AS first_block
FROM system.parts
WHERE active AND database = {database:String} AND has({tables:Array(String)}, table)
GROUP BY table
