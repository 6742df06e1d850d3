-- An operator may let a batch pass that a check holds: who, why and until when stays.

-- +goose NO TRANSACTION
-- +goose Up

{{create "hold_releases"}}
