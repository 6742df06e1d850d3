wheel AS
    (
        -- The villages of each county share its places, which are as many as its rural households say.
        SELECT village, county, toUInt64(row_number() OVER (ORDER BY county, village, place) - 1) AS slot
        FROM
        (
            SELECT village, county, arrayJoin(range(intDiv(rank * places, villages), intDiv((rank + 1) * places, villages))) AS place
            FROM
            (
                SELECT v.code AS village, c.code AS county, intDiv(c.rural_households, 100) AS places,
                    row_number() OVER (PARTITION BY c.code ORDER BY v.code) - 1 AS rank,
                    count() OVER (PARTITION BY c.code) AS villages
                FROM (SELECT code, parent FROM regions FINAL WHERE level = 'village') AS v
                INNER JOIN (SELECT code, parent FROM regions FINAL WHERE level = 'township') AS t ON v.parent = t.code
                INNER JOIN (SELECT code, rural_households FROM regions FINAL WHERE level = 'county' AND applicable) AS c ON t.parent = c.code
            )
        )
    )
