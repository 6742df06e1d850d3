-- Leads of one stage. Keys are hashes: those that follow any point are random.
SELECT lead, village, entered_at, version
FROM workflow FINAL
WHERE stage = {code:String} AND lead BETWEEN {low:UInt64} AND {high:UInt64}
ORDER BY lead < {from:UInt64}, lead
LIMIT {n:UInt64}
