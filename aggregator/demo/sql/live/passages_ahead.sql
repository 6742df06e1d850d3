-- Leads whose last passage is later than their stage: the stage it led to was not
-- written any more.
SELECT lead, village, stage_left, outcome_of, left, version
FROM (SELECT lead, village, entered_at, version FROM workflow FINAL WHERE lead BETWEEN {low:UInt64} AND {high:UInt64}) AS w
INNER JOIN
(
    SELECT lead, toString(argMax(stage, left_at)) AS stage_left, toString(argMax(outcome, left_at)) AS outcome_of, max(left_at) AS left
    FROM stage_passages FINAL
    WHERE lead BETWEEN {low:UInt64} AND {high:UInt64}
    GROUP BY lead
) AS p USING (lead)
WHERE left > entered_at
ORDER BY lead
