-- Households whose profile or row among all rural households is of another version.
SELECT household, village, toString(type) AS kind, arrayMap(c -> toString(c), causes) AS risks, persons, toString(state) AS now, recognised_at, version
FROM households FINAL
WHERE household BETWEEN {low:UInt64} AND {high:UInt64}
  AND ((household, version) NOT IN (SELECT household, version FROM profiles FINAL)
    OR (household, version) NOT IN (SELECT household, version FROM rural_households FINAL WHERE household IN (SELECT household FROM households)))
ORDER BY household
