SELECT create_table_query AS statement
FROM system.tables
WHERE database = {cut:String} AND name = {table:String}
