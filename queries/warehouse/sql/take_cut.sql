-- One atomic step, a few milliseconds however large the table is: the parts that
-- are live at this moment are linked, not copied.
ALTER TABLE ${cut}.${table} REPLACE PARTITION tuple() FROM ${live}.${table}
