-- A table that is one part already is left alone.
OPTIMIZE TABLE ${table} FINAL SETTINGS optimize_skip_merged_partitions = 1
