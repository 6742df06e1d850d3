SELECT groupArray(name) AS names
FROM system.databases
WHERE match(name, concat('^', {cut:String}, '_[0-9a-f]{8}$'))
