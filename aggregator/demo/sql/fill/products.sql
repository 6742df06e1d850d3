-- Products of the entities: one to four each.
INSERT INTO products (product, entity, village, kind, certified, version)
SELECT {{key "product" "entity + n"}}, entity, village,
    {{weighted "product kind" "entity + n" "grain" 12 "fruit" 31 "livestock" 22 "aquatic" 9 "areca" 11 "handicraft" 7 "other" 8}},
    {{chance "certified" "entity + n"}} < 0.78, 1
FROM entities FINAL
ARRAY JOIN range(1 + {{below "products" "entity" "4"}}) AS n
WHERE entity BETWEEN {low:UInt64} AND {high:UInt64} AND version = 1
