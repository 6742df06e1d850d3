-- A cut holds links to parts of the live table and is replaced a moment later:
-- merging it would be work for nobody, and its old parts may go at once.
ALTER TABLE ${cut}.${table} MODIFY SETTING max_bytes_to_merge_at_max_space_in_pool = 1, min_age_to_force_merge_seconds = 0, old_parts_lifetime = 1
