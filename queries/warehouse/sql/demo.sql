SELECT count() > 0 AS demo
FROM ${table}
