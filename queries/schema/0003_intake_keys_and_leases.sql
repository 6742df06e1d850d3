-- What intake knows of itself: the key that the database's hashes were made with,
-- and who writes a table at the moment.

-- +goose NO TRANSACTION
-- +goose Up

{{create "intake_keys"}}
{{create "intake_leases"}}
