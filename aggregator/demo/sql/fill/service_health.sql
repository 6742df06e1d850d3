-- One probe of each service a minute over the two days before the reference.
INSERT INTO service_health (service, at, up, milliseconds)
WITH ['intake', 'aggregation', 'wall', 'field_app', 'exchange', 'archive'] AS services
SELECT services[1 + n % 6] AS probed, {{now}} - toIntervalMinute(intDiv(n, 6) + 1),
    {{chance "service up" "n"}} > 0.0012 AS answered,
    if(answered, 8 + {{below "milliseconds" "n" "30"}} + if(probed = 'exchange', 90, 0) + toUInt32(400 * pow({{chance "slow" "n"}}, 30)), 5000)
FROM (SELECT number AS n FROM numbers({from:UInt64}, {rows:UInt64}))
