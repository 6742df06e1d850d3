-- All shards of a table. A replica that has no cut cannot answer for its shard: the
-- server asks it whether it has the table, and goes on to the one that has.
CREATE TABLE ${cut}.${table} AS ${live}.${table} ENGINE = Distributed(${cluster}, ${cut}, ${local})
