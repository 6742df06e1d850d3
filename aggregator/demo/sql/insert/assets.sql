INSERT INTO assets (asset, village, class, original_value, net_value, state, registered_at, kind, project, confirmed, transferred, maintained, condition, annual_income, distributed_income, version)
