package intake_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"liaowang/aggregator/intake"
	"liaowang/queries"
)

func loadSchema(t testing.TB) *queries.Schema {
	t.Helper()
	s, err := queries.LoadSchema()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryExampleOfEveryTableLands(t *testing.T) {
	p := fullProvince(t)
	s := loadSchema(t)
	for _, name := range intake.Deliverable(s) {
		table, _ := s.Table(name)
		csv, err := s.ExampleCSV(table, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		ndjson, err := s.ExampleNDJSON(table, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		// The region that the example of regions brings is there already, with
		// other content and without a version: a newer state.
		if a := p.taken("csv-"+name, name, name+".csv", string(csv), 1, 0, 0); a.Rejected > 0 {
			t.Errorf("%s: %+v", name, a.Quarantine)
		}
		p.taken("ndjson-"+name, name, name+".ndjson", string(ndjson), 0, 0, 1)
	}
}

func compile(t testing.TB, s *queries.Schema, table *queries.Table) *jsonschema.Schema {
	t.Helper()
	text, err := s.JSONSchema(table)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("contract.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("contract.json") // validates against the meta-schema too
	if err != nil {
		t.Fatalf("%s: %v", table.Name, err)
	}
	return compiled
}

func TestJSONSchemaAgreesWithIntake(t *testing.T) {
	p := fullProvince(t)
	s := loadSchema(t)
	for i, name := range intake.Deliverable(s) {
		table, _ := s.Table(name)
		schema := compile(t, s, table)
		example, err := s.ExampleNDJSON(table, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		row := func() map[string]any {
			v, err := jsonschema.UnmarshalJSON(bytes.NewReader(example))
			if err != nil {
				t.Fatal(err)
			}
			return v.(map[string]any)
		}
		if err := schema.Validate(row()); err != nil {
			t.Errorf("%s: the schema refuses the example: %v", name, err)
		}
		// Each column absent, null, and with values that fit some types and not others.
		var lines []string
		var want []bool
		for _, f := range table.Fields {
			for _, value := range []any{nil, "", "zzz", -1, 0, 1, 2.5, 99999999999999, true, "2026-03-01", "2026-03-15 10:30:00", "2026-03-15T10:30:00Z", []any{}, []any{"zzz"}, map[string]any{"a": 1}} {
				v := row()
				v[f.Name] = value
				text, _ := json.Marshal(v)
				// Regions that nobody knows, texts that are empty and keys without
				// digits are more than a schema says of a type.
				if f.Type == queries.FieldRegion || f.Type == queries.FieldVillage || value == "" || f.Type == queries.FieldKey && (value == true || value == -1 || value == 2.5) ||
					f.Type == queries.FieldText && fmt.Sprintf("%T", value) != "string" || len(table.Check) > 0 && (f.Type == queries.FieldMoney || f.Type == queries.FieldCount) {
					continue
				}
				parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
				if err != nil {
					t.Fatal(err)
				}
				lines = append(lines, string(text))
				want = append(want, schema.Validate(parsed) == nil)
			}
		}
		if i%8 == 0 { // a dry run counts the same; some tables will do
			a, err := p.takeAs(intake.Delivery{ID: "agree", Table: name, File: "x.ndjson", DryRun: true, Content: strings.NewReader(string(example) + strings.Join(lines, "\n"))})
			if err != nil {
				t.Fatal(name, err)
			}
			if a.Accepted+a.Rejected+a.Duplicate != uint64(len(lines)+1) {
				t.Errorf("%s: %d rows, a dry run answers %+v", name, len(lines)+1, a)
			}
		}
		bad := map[uint64]string{}
		flaws, err := p.in.Take(t.Context(), intake.Delivery{ID: "agree-" + name, Table: name, File: "x.ndjson", Format: intake.NDJSON, Content: strings.NewReader(string(example) + strings.Join(lines, "\n"))})
		if err != nil {
			t.Fatal(name, err)
		}
		rows, err := p.w.Conn().Query(t.Context(), "SELECT toUInt64(line), field || ' ' || reason FROM quarantine FINAL WHERE delivery = 'agree-"+name+"'")
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var line uint64
			var reason string
			if err := rows.Scan(&line, &reason); err != nil {
				t.Fatal(err)
			}
			bad[line] = reason
		}
		rows.Close()
		for i, fits := range want {
			reason, refused := bad[uint64(i+2)]
			// A state that says otherwise under the same version is no matter of types.
			if strings.Contains(reason, "contradicts") || strings.Contains(reason, "older than") || strings.Contains(reason, "longer ago") {
				refused = false
			}
			if fits == refused {
				t.Errorf("%s: schema says %v, intake refuses %v (%s): %s", name, fits, refused, reason, lines[i])
			}
		}
		if flaws.Accepted+flaws.Rejected+flaws.Duplicate != uint64(len(lines)+1) {
			t.Errorf("%s: %d rows, answer %+v", name, len(lines)+1, flaws)
		}
	}
}
