INSERT INTO daily_figures (metric, day, region, line, figure, value, version)
