CREATE TABLE ${cut}.${table} AS ${live}.${table}
