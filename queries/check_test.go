package queries

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A check need not be asked again where only columns differ that its statement does not
// name; one that takes columns without naming them reads all.
func TestACheckReadsTheColumnsThatItsStatementNames(t *testing.T) {
	m := &Metric{Columns: []Column{{Name: "kind"}, {Name: "households"}, {Name: "persons"}}}
	for sql, want := range map[string][]int{
		`SELECT scope, sum(households) FROM "a.b" GROUP BY scope`:            {1},
		`SELECT scope, count(*), 100 * households / 3 FROM "a.b"`:            {1},
		`SELECT scope, t.persons FROM "a.b" AS t WHERE t.kind = 'x'`:         {0, 2},
		`SELECT scope, count() FROM "a.b" GROUP BY scope -- not households_`: nil,
		`SELECT * FROM "a.b"`:                      {0, 1, 2},
		`SELECT scope,* FROM "a.b"`:                {0, 1, 2},
		`SELECT t.* FROM "a.b" AS t`:               {0, 1, 2},
		`SELECT DISTINCT * FROM "a.b"`:             {0, 1, 2},
		`SELECT COLUMNS('house') FROM "a.b"`:       {0, 1, 2},
		`SELECT uniqExact(tuple(*)) FROM "a.b"`:    {0, 1, 2},
		`SELECT /* all */ * FROM "a.b"`:            {0, 1, 2},
		`SELECT 1 WHERE ('x', 'y', 1, 2) IN "a.b"`: {0, 1, 2},
	} {
		if diff := cmp.Diff(want, (&Check{SQL: sql}).Reads(m)); diff != "" {
			t.Errorf("%s: %s", sql, diff)
		}
	}
}
