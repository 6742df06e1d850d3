-- The income line of each year.
SELECT year, yuan FROM income_lines FINAL
