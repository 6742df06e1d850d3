-- Households that an emergency hit: any of its counties', in the order of a hash.
INSERT INTO emergency_households (emergency, household, village, persons, loss, relief, reassessment, version)
SELECT {emergency:UInt64}, household, village, persons, loss,
    if(late, 0, toUInt64(least(toFloat64(loss), 300 + loss * 0.4 * {{chance "relief" "household + {emergency:UInt64}"}}))),
    multiIf(standing = 'monitored', 'monitored', late, 'pending', {{chance "reassessed" "household + {emergency:UInt64}"}} < 0.03, 'at_risk', 'safe'), 1
FROM
(
    SELECT household, village, persons, standing,
        toUInt64(300 + 30000 * pow({{chance "loss" "household + {emergency:UInt64}"}}, 4)) AS loss,
        {{chance "late" "household + {emergency:UInt64}"}} < {open:Float64} AS late
    FROM rural_households FINAL
    WHERE household BETWEEN {low:UInt64} AND {high:UInt64} AND version = 1
        AND intDiv(village, 1000) IN (SELECT code FROM regions FINAL WHERE level = 'township' AND has({counties:Array(UInt64)}, parent))
    ORDER BY {{hash "hit" "household + {emergency:UInt64}"}}, household
    LIMIT {rows:UInt64}
)
