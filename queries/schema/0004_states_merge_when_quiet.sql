-- A table of states that gets no rows for a while becomes one part, which FINAL reads
-- as fast as any table.

-- +goose NO TRANSACTION
-- +goose Up

{{settle}}
