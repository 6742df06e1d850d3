-- What changes when rows arrive (block number), are mutated (a part's data
-- version is then above its blocks), are dropped (the lowest block) or when the
-- whole table is another one (its folder), and stays when parts are merged. Of a
-- replicated table blocks may arrive out of turn: then how many there are counts, too.
SELECT table,
       max(max_block_number) AS last_block,
       maxIf(toInt64(data_version), toInt64(data_version) > max_block_number) AS last_mutation,
       min(min_block_number) AS first_block,
       cityHash64(any(replaceOne(path, concat(name, '/'), ''))) AS folder,
       sumIf(max_block_number - min_block_number + 1, engine LIKE 'Replicated%') AS blocks
FROM system.parts
WHERE active AND database = {database:String} AND has({tables:Array(String)}, table)
GROUP BY table
