-- What is exported is logged, so that a file can be verified; briefings are saved by name,
-- and each is delivered once.

-- +goose NO TRANSACTION
-- +goose Up

{{create "exports"}}

{{create "briefings"}}

{{create "briefing_runs"}}
