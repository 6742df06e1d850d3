-- Rows whose key is not the demo's, by table.
SELECT 'households' AS name, count() AS rows FROM households FINAL
WHERE household NOT BETWEEN {low:UInt64} AND {high:UInt64}
UNION ALL
SELECT 'eliminations', count() FROM eliminations FINAL
WHERE household NOT BETWEEN {low:UInt64} AND {high:UInt64}
UNION ALL
SELECT 'leads', count() FROM leads FINAL
WHERE lead NOT BETWEEN {low:UInt64} AND {high:UInt64}
UNION ALL
SELECT 'workflow', count() FROM workflow FINAL
WHERE lead NOT BETWEEN {low:UInt64} AND {high:UInt64}
UNION ALL
SELECT 'registered', count() FROM registered FINAL
WHERE household NOT BETWEEN {low:UInt64} AND {high:UInt64}
UNION ALL
SELECT 'assets', count() FROM assets FINAL
WHERE asset NOT BETWEEN {low:UInt64} AND {high:UInt64}
