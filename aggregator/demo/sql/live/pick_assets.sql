-- Assets of one state.
SELECT asset, village, toString(class) AS kind, original_value, net_value, registered_at,
    ifNull(toString(assets.kind), '') AS sort, ifNull(project, 0) AS made_by, confirmed, transferred, maintained, ifNull(toString(condition), '') AS use,
    annual_income, distributed_income, version
FROM assets FINAL
WHERE state = {code:String} AND asset BETWEEN {low:UInt64} AND {high:UInt64}
ORDER BY asset < {from:UInt64}, asset
LIMIT {n:UInt64}
