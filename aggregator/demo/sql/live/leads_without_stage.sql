-- Leads whose first stage was not written any more.
SELECT lead, village
FROM leads FINAL
WHERE lead BETWEEN {low:UInt64} AND {high:UInt64}
  AND lead NOT IN (SELECT lead FROM workflow WHERE lead BETWEEN {low:UInt64} AND {high:UInt64})
ORDER BY lead
