-- A table of its own, whatever the live one is: it is not replicated. What engine and
-- order it has follows these words.
CREATE TABLE ${cut}.${table} AS ${live}.${table} ENGINE =
