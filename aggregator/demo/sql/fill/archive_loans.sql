-- Loans of archived volumes: most are back, some are out, few are overdue.
INSERT INTO archive_loans (loan, volume, region, requested_at, approved_at, due_at, returned_at, version)
WITH
    requested + toIntervalHour(2 + {{below "approval" "volume" "30"}}) AS approval,
    approval + toIntervalHour(10 + {{below "returned" "volume" "760"}}) AS back
SELECT {{key "loan" "volume"}}, volume, region, requested,
    if(approval < {{now}} AND {{chance "refused" "volume"}} > 0.02, approval, NULL) AS approved,
    if(isNull(approved), NULL, approval + toIntervalDay(30)),
    if(isNull(approved) OR back >= {{now}}, NULL, back), 1
FROM
(
    SELECT volume, region, {{moment "toUInt32(1 + 360 * chance_of)" "loan hour" "volume"}} AS requested
    FROM (SELECT volume, region, archived_at, {{chance "loan since" "volume"}} AS chance_of FROM archives FINAL WHERE state = 'archived' AND volume BETWEEN {low:UInt64} AND {high:UInt64} AND {{chance "lent" "volume"}} < 0.09)
    WHERE archived_at < requested
)
