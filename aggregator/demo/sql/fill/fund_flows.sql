-- The chain of each project: money is issued, allocated, paid and granted, each step
-- at most what the step before gave, in parts that pairwise trade a little. What a
-- project under way has not reached yet is not paid. Money moves in the year it was
-- issued in: what is left is not carried over.
INSERT INTO fund_flows (flow, project, village, step, at, amount)
WITH
    {flows:UInt64} AS flows,
    greatest(2, intDiv(flows, 6)) AS payments,
    flows - 4 - payments AS grants,
    multiIf(n < 2, 1, n < 4, 2, n < 4 + payments, 3, 4) AS step_of,
    multiIf(step_of < 3, 2, step_of = 3, payments, grants) AS parts,
    n - [0, 2, 4, 4 + payments][step_of] AS part,
    [issued, allocated, paid, granted][step_of] AS total,
    intDiv(total, parts) AS share,
    intDiv(share * {{below "trade" "project + step_of * 1000 + intDiv(part, 2)" "30"}}, 100) AS trade,
    [0, 0.05, 0.15, 0.25][step_of] AS begins,
    [0.05, 0.15, 0.85, 1][step_of] AS ends
SELECT {{key "flow" "project + n"}}, project, village, ['issued', 'allocated', 'paid', 'granted'][step_of],
    started_at + toIntervalSecond(toUInt64((begins + (ends - begins) * (part + {{chance "flow at" "project + n"}}) / parts) * length_of)),
    toInt64(share) + if(intDiv(part, 2) * 2 + 1 < parts, if(part % 2 = 0, 1, -1) * toInt64(trade), 0)
FROM
(
    SELECT project, village, started_at,
        toDateTime(toStartOfYear(started_at, 'Asia/Shanghai') + toIntervalYear(1), 'Asia/Shanghai') AS next_year,
        dateDiff('second', started_at, least(ifNull(finished_at, {{now}}), {{now}}, toDateTime64(next_year, 3, 'UTC'))) AS length_of,
        isNotNull(finished_at) AS finished,
        toUInt64(budget * if(finished OR progress > 30, 1, 0.6)) AS issued,
        toUInt64(issued * if(finished, 0.995, 0.97)) AS allocated,
        toUInt64(allocated * if(finished, 0.99, least(0.05 + progress / 100, 0.93))) AS paid,
        toUInt64(paid * if(finished, 0.985, 0.6 + 0.25 * {{chance "granted" "project"}})) AS granted
    FROM projects FINAL
    WHERE project BETWEEN {low:UInt64} AND {high:UInt64} AND version = 1 AND bitAnd(project, {chunks:UInt64} - 1) = {chunk:UInt64}
)
ARRAY JOIN range(flows) AS n
