SELECT count() > 0 AS demo
FROM demo_province
