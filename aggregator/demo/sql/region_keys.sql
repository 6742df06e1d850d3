-- Regions and reported totals have no keyed hash: which codes are there?
SELECT 'regions' AS name, code FROM regions FINAL
UNION ALL
SELECT 'reported_totals', region FROM reported_totals FINAL
