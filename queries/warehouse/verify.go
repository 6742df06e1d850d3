package warehouse

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"liaowang/queries"
)

// Verified is what asking one metric or check on a live database found.
type Verified struct {
	ID   string
	Took time.Duration
	Rows int
	// Faults are empty where all is well.
	Faults []queries.Fault
}

// Verify fills every view and asks every metric and check on a cut of its own, which it drops again,
// and gives what it found to tell, one by one. now is the moment for clocks, in
// the province's zone. It fails where it could not go on; faults are not errors.
func (w *Warehouse) Verify(ctx context.Context, c *queries.Catalogue, name string, now time.Time, tell func(Verified)) (err error) {
	if faults, err := w.verifyTables(ctx, c.Schema); err != nil || len(faults) > 0 {
		if err == nil {
			tell(Verified{ID: "tables", Faults: faults})
		}
		return err
	}
	cut, err := w.PrepareCut(ctx, name, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cut.Drop(context.WithoutCancel(ctx))) }()
	for _, table := range c.Tables() {
		if err := cut.Take(ctx, table); err != nil {
			return err
		}
	}
	regions, _ := c.Metric(queries.RegionsMetric)
	answer, err := cut.Ask(ctx, regions, time.Time{}, nil)
	if err != nil {
		return err
	}
	tree, err := ReadTree(answer)
	if errors.Is(err, ErrNoRegions) {
		tree, err = queries.NewTree(nil), nil // a database without rows can be checked too
	}
	if err != nil {
		return err
	}
	for _, v := range c.Views() {
		begun := time.Now()
		v.Moves = false // its rows are counted here
		state, err := cut.Fill(ctx, &v, v.Refresh.Tick(now, now.Location()))
		found := Verified{ID: v.Name, Took: time.Since(begun), Rows: int(state.Rows)}
		if err != nil {
			if found.Faults, err = statementFault("views/"+v.Name+".sql", v.SQL, v.Line, err); err != nil {
				return err
			}
		}
		tell(found)
	}
	for i := range c.Metrics {
		m := &c.Metrics[i]
		tick := m.Refresh.Tick(now, now.Location())
		begun := time.Now()
		answer, err := cut.Ask(ctx, m, tick, tree)
		v := Verified{ID: m.ID, Took: time.Since(begun)}
		file := "metrics/" + m.ID + ".sql"
		if err != nil {
			if v.Faults, err = statementFault(file, m.SQL, m.Line, err); err != nil {
				return err
			}
		} else {
			for _, rows := range answer {
				v.Rows += len(rows)
			}
			v.Faults = answerFaults(c, m, file, answer)
			if v.Rows == 0 {
				if err := cut.columnFaults(ctx, &v, file, m.CutSQL, m.Line, tick, m.Returns()); err != nil {
					return err
				}
			}
			if c.Compared(m.ID) {
				if err := cut.MakeRoom(ctx, m); err != nil { // nothing of a batch reads those of identities
					return err
				}
				if err := cut.Keep(ctx, m, answer); err != nil {
					return err
				}
			}
		}
		tell(v)
	}
	for i := range c.Checks {
		k := &c.Checks[i]
		begun := time.Now()
		n := 0
		err := cut.Query(ctx, k.ID, k.SQL, k.Refresh.Tick(now, now.Location()), CheckColumns(), func(r Row) error { n++; return nil })
		v := Verified{ID: k.ID, Took: time.Since(begun), Rows: n}
		file := "checks/" + k.ID + ".sql"
		if err != nil {
			if v.Faults, err = statementFault(file, k.SQL, k.Line, err); err != nil {
				return err
			}
		} else if err := cut.columnFaults(ctx, &v, file, k.SQL, k.Line, k.Refresh.Tick(now, now.Location()), CheckColumns()); err != nil {
			return err
		}
		tell(v)
	}
	return nil
}

// columnFaults compares a statement's columns with those wanted, for answers that
// had no rows to show them by.
func (c *Cut) columnFaults(ctx context.Context, v *Verified, file, sql string, line int, now time.Time, wanted []string) error {
	var have []string
	columns := []string{"name", "type", "default_type", "default_expression", "comment", "codec_expression", "ttl_expression"}
	err := c.Query(ctx, v.ID, "DESCRIBE TABLE (\n"+sql+"\n)", now, columns, func(r Row) error {
		name, _ := r[0].(string)
		have = append(have, name)
		return nil
	})
	if err == nil && !slices.Equal(have, wanted) {
		v.Faults = append(v.Faults, queries.Fault{File: file, Line: line, Words: fmt.Sprintf("the statement returns columns %q, expected are %q", have, wanted)})
	}
	return err
}

// CheckColumns are the columns that every check returns.
func CheckColumns() []string { return []string{"region", "words", "expected", "actual"} }

// columns lists the columns of every table of the database.
func (w *Warehouse) columns(ctx context.Context) (map[string][]string, error) {
	ctx, cancel := w.context(ctx, "verify_tables", nil)
	defer cancel()
	rows, err := w.conn.Query(ctx, statement("columns"))
	if err != nil {
		return nil, w.fail("verify_tables", err)
	}
	defer rows.Close()
	have := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			return nil, w.fail("verify_tables", err)
		}
		have[table] = append(have[table], column)
	}
	return have, w.fail("verify_tables", rows.Err())
}

// verifyTables compares the database's tables with their files.
func (w *Warehouse) verifyTables(ctx context.Context, s *queries.Schema) ([]queries.Fault, error) {
	have, err := w.columns(ctx)
	if err != nil {
		return nil, err
	}
	var faults []queries.Fault
	for _, t := range s.Tables {
		file := "tables/" + t.Name + ".yaml"
		if have[t.Name] == nil {
			faults = append(faults, queries.Fault{File: file, Line: 1, Words: "the database has no table " + t.Name + ": migrate it by starting up or aggregate on it"})
			continue
		}
		for _, f := range t.Fields {
			if !slices.Contains(have[t.Name], f.Name) {
				faults = append(faults, queries.Fault{File: file, Line: 1, Words: "the database's table " + t.Name + " has no column " + f.Name + ": migrate it by starting up or aggregate on it"})
			}
		}
	}
	return faults, nil
}

var (
	// ClickHouse says where a statement cannot be parsed, and quotes names that it
	// does not know.
	parsePlace  = regexp.MustCompile(`\(line (\d+), col \d+\)`)
	quotedNames = regexp.MustCompile("[`']([A-Za-z_][A-Za-z0-9_.]*)[`']")
)

// statementFault finds the line of what ClickHouse says is wrong. It gives the
// error back where that is not the statement's fault.
func statementFault(file, sql string, begins int, err error) ([]queries.Fault, error) {
	var failed *Error
	if !errors.As(err, &failed) || failed.Code == 0 && failed.err == nil {
		return nil, err
	}
	words := failed.err.Error()
	line := begins
	if at := parsePlace.FindStringSubmatch(words); at != nil {
		n, _ := strconv.Atoi(at[1])
		line = begins + n - 1
	} else {
		for _, name := range quotedNames.FindAllStringSubmatch(words, -1) {
			if before, _, ok := strings.Cut(sql, name[1]); ok {
				line = begins + strings.Count(before, "\n")
				break
			}
		}
	}
	return []queries.Fault{{File: file, Line: line, Words: words}}, nil
}

// answerFaults compares an answer with what its header promises.
func answerFaults(c *queries.Catalogue, m *queries.Metric, file string, answer Answer) []queries.Fault {
	said := map[string]bool{}
	var faults []queries.Fault
	fault := func(format string, args ...any) {
		if words := fmt.Sprintf(format, args...); !said[words] {
			said[words] = true
			faults = append(faults, queries.Fault{File: file, Line: m.Line, Words: words})
		}
	}
	for scope, rows := range answer {
		if level := levelOf(scope); !slices.Contains(m.Regions, level) {
			fault("answers for a %s (%s), its header says regions: %s", level, scope, strings.Join(m.Regions, ", "))
		}
		seen := map[string]bool{}
		for _, row := range rows {
			var keys []string
			for i, col := range m.Columns {
				if !col.Type.IsKey() {
					break
				}
				key, _ := row[i].(string)
				keys = append(keys, key)
				if col.Type == queries.TypeCode && !slices.ContainsFunc(c.Codes[col.Codes], func(code queries.Code) bool { return code.Code == key }) {
					fault("column %s holds %q, which code list %s does not know", col.Name, key, col.Codes)
				}
			}
			line := strings.Join(keys, " ")
			if len(keys) > 0 && seen[line] {
				fault("two rows for %q in one region", line)
			}
			seen[line] = true
		}
	}
	return faults
}

func levelOf(scope string) string {
	switch {
	case len(scope) == 6 && strings.HasSuffix(scope, "0000"):
		return "province"
	case len(scope) == 6:
		return "county"
	case len(scope) == 9:
		return "township"
	}
	return "place below a township"
}
