-- A view's rows lie on the first shard; the other ones have an empty table. So it is
-- spread as a live table is, and what is said of these in joins holds for it, too.
CREATE TABLE ${table} AS ${local} ENGINE = Distributed(${cluster}, ${cut}, ${local})
