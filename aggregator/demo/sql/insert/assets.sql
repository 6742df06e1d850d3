INSERT INTO assets (asset, village, class, original_value, net_value, state, registered_at, version)
