INSERT INTO hold_releases (check_id, region, released_at, released_by, why, until, revoked_at, revoked_by, version)
