package queries

import (
	"bytes"
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"golang.org/x/tools/txtar"
)

// Layout says where a schema is to live. The zero value is one machine.
type Layout struct {
	// Cluster names a cluster of ClickHouse: every table then is a replicated
	// one on each shard, called <table>_local, below a Distributed one.
	Cluster string
	// Single says that each shard of the cluster is one server, without a Keeper:
	// tables are not replicated.
	Single bool
	// Apart gives statements for a client that goes to every server of the cluster,
	// instead of ON CLUSTER, which needs a Keeper.
	Apart bool
}

// on is what a statement says after the name of what it makes.
func (l Layout) on() string {
	if l.Cluster == "" || l.Apart {
		return ""
	}
	return " ON CLUSTER " + quote(l.Cluster)
}

// engine is the engine of a table's part on a shard.
func (l Layout) engine(table, engine, argument string) string {
	if l.Cluster == "" || l.Single {
		return engine + "(" + argument + ")"
	}
	if argument != "" {
		argument = ", " + argument
	}
	return "Replicated" + engine + "('/clickhouse/tables/{shard}/{database}/" + table + "', '{replica}'" + argument + ")"
}

// distributed makes a table over all shards of <table>_local.
func (l Layout) distributed(table, sharding string) string {
	return "CREATE TABLE IF NOT EXISTS " + table + l.on() + " AS " + table + "_local\nENGINE = Distributed(" + quote(l.Cluster) + ", currentDatabase(), " + quote(table+"_local") + ", " + sharding + ")"
}

// dedupWindow is how many of its last inserts a table of events remembers, and the
// rollups that follow it, so that one that is sent again under the same token
// counts once in both.
const dedupWindow = 10_000

// mergedWhenQuiet makes one part of a table of states that has got no rows for two
// minutes. FINAL merges the parts of such a table at each reading, unless there is
// only one: over 1.27 million households in three parts that is most of the time.
const mergedWhenQuiet = "min_age_to_force_merge_seconds = 120, min_age_to_force_merge_on_partition_only = 1"

// DDL gives the statements that make every table where it is not there, and every view.
func (s *Schema) DDL(l Layout) ([]string, error) {
	var all []string
	for i := range s.Tables {
		statements, err := s.create(&s.Tables[i], l)
		if err != nil {
			return nil, err
		}
		all = append(all, statements...)
	}
	if l.Cluster != "" {
		own, err := l.ownTables()
		if err != nil {
			return nil, err
		}
		all = append(all, own...)
	}
	// A materialized view follows tables that must be there before it.
	slices.SortStableFunc(all, func(a, b string) int { return rank(a) - rank(b) })
	return append(all, s.createViews(l)...), nil
}

func rank(statement string) int {
	if strings.HasPrefix(statement, "CREATE MATERIALIZED VIEW") {
		return 1
	}
	return 0
}

func (s *Schema) create(t *Table, l Layout) ([]string, error) {
	var columns []string
	for _, f := range t.Fields {
		kind, err := s.stored(f)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", t.Name, err)
		}
		columns = append(columns, fmt.Sprintf("%s %s%s COMMENT %s", f.Name, kind, defaultOf(f), quote(f.Title+": "+f.About)))
	}
	switch t.Kind {
	case KindState:
		columns = append(columns, "version UInt64 COMMENT '版本: the highest version of a key is its state'")
		fallthrough
	case KindEvent:
		columns = append(columns, "ingested_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT '到达时间: arrival of the row'")
	}
	for _, c := range t.constraints() {
		columns = append(columns, "CONSTRAINT "+c)
	}
	engine, argument := "ReplacingMergeTree", "version"
	switch t.Kind {
	case KindEvent:
		argument = "ingested_at"
	case KindRollup:
		engine, argument = "SummingMergeTree", ""
	}
	tail := "ORDER BY (" + t.order() + ")"
	if t.Keep != "" {
		tail += "\nTTL toDateTime(" + strings.Replace(t.Keep, " + ", ") + INTERVAL ", 1)
		tail = strings.TrimSuffix(tail, "s") // INTERVAL 400 day
	}
	if t.Kind == KindState {
		tail += "\nSETTINGS " + mergedWhenQuiet
	} else if l.Cluster == "" || l.Single {
		tail += fmt.Sprintf("\nSETTINGS non_replicated_deduplication_window = %d", dedupWindow)
	}
	tail += "\nCOMMENT " + quote(t.Title+": "+t.About)
	body := "(\n    " + strings.Join(columns, ",\n    ") + "\n)\nENGINE = "
	if l.Cluster == "" {
		statements := []string{"CREATE TABLE IF NOT EXISTS " + t.Name + "\n" + body + l.engine(t.Name, engine, argument) + "\n" + tail}
		if t.Kind == KindRollup {
			statements = append(statements, "CREATE MATERIALIZED VIEW IF NOT EXISTS "+t.Name+"_view TO "+t.Name+" AS\n"+strings.TrimSpace(t.Select))
		}
		return statements, nil
	}
	statements := []string{
		"CREATE TABLE IF NOT EXISTS " + t.Name + "_local" + l.on() + "\n" + body + l.engine(t.Name, engine, argument) + "\n" + tail,
		l.distributed(t.Name, t.sharding()),
	}
	if t.Kind == KindRollup {
		sum := strings.Replace(strings.TrimSpace(t.Select), "FROM "+t.From+"\n", "FROM "+t.From+"_local\n", 1)
		statements = append(statements, "CREATE MATERIALIZED VIEW IF NOT EXISTS "+t.Name+"_view"+l.on()+" TO "+t.Name+"_local AS\n"+sum)
	}
	return statements, nil
}

func (t *Table) order() string {
	if t.Order != "" {
		return t.Order
	}
	return strings.Join(t.Key, ", ")
}

// sharding says which shard a row lies on: rows that replace one another, or are added
// up, must meet, so it follows from what the table is sorted by.
func (t *Table) sharding() string {
	var columns []string
	for _, column := range strings.Split(t.order(), ", ") {
		if slices.Contains(t.Key, column) {
			columns = append(columns, column)
		}
	}
	return "cityHash64(" + strings.Join(columns, ", ") + ")"
}

// ownTables makes what the migrations make for the program itself: the record of
// batches and what marks the database. It all lies on the first shard, so that what
// is inserted together is there together.
func (l Layout) ownTables() ([]string, error) {
	text, err := fs.ReadFile(files, "schema/cluster/own.sql")
	if err != nil {
		return nil, err
	}
	var statements []string
	for _, statement := range splitStatements(string(text)) {
		name, ok := ownTable(statement)
		if !ok {
			return nil, fmt.Errorf("schema/cluster/own.sql: CREATE TABLE IF NOT EXISTS name_local … ENGINE = X() is expected: %s", statement)
		}
		before, after, _ := strings.Cut(statement, "ENGINE = ")
		engine, after, _ := strings.Cut(after, "(")
		argument, tail, _ := strings.Cut(after, ")")
		before = strings.Replace(before, name+"_local", name+"_local"+l.on(), 1)
		statements = append(statements, before+"ENGINE = "+l.engine(name, engine, argument)+tail, l.distributed(name, "0"))
	}
	return statements, nil
}

var ownName = regexp.MustCompile(`^CREATE TABLE IF NOT EXISTS (\w+)_local\n`)

func ownTable(statement string) (name string, ok bool) {
	if found := ownName.FindStringSubmatch(statement); found != nil {
		return found[1], true
	}
	return "", false
}

// OnCluster lists all tables that a cluster is to have, those of the program itself
// without their columns.
func (s *Schema) OnCluster() ([]Table, error) {
	own, err := Layout{Single: true, Apart: true}.ownTables()
	if err != nil {
		return nil, err
	}
	all := slices.Clone(s.Tables)
	for _, statement := range own {
		if name, ok := ownTable(statement); ok {
			all = append(all, Table{Name: name})
		}
	}
	return all, nil
}

// Sow gives the statements that insert what a province begins with, as the migrations
// do. To insert it again changes nothing.
func (s *Schema) Sow() ([]string, error) {
	migrations, err := s.Migrations()
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(migrations, "*.sql")
	if err != nil {
		return nil, err
	}
	var sow []string
	for _, name := range names {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			return nil, err
		}
		for _, statement := range splitStatements(string(text)) {
			if strings.HasPrefix(statement, "INSERT INTO ") {
				sow = append(sow, statement)
			}
		}
	}
	return sow, nil
}

// splitStatements gives the statements of a file, without comments that stand before
// them. A statement ends with ; at the end of a line.
func splitStatements(text string) []string {
	var statements []string
	for _, s := range strings.SplitAfter(text, ";\n") {
		s = strings.TrimSpace(leadingComments.ReplaceAllString(strings.TrimLeft(s, "\n"), ""))
		if s = strings.TrimSuffix(s, ";"); s != "" {
			statements = append(statements, s)
		}
	}
	return statements
}

var leadingComments = regexp.MustCompile(`^(?:--[^\n]*\n|\s+)+`)

// stored is the ClickHouse type of a column.
func (s *Schema) stored(f Field) (string, error) {
	kind := ""
	switch f.Type {
	case FieldKey, FieldVillage, FieldRegion, FieldSum:
		kind = "UInt64"
	case FieldCode, FieldCodes:
		var values []string
		for i, c := range s.Codes[f.Codes] {
			values = append(values, fmt.Sprintf("%s = %d", quote(c.Code), i+1))
		}
		kind = "Enum8(" + strings.Join(values, ", ") + ")"
		if f.Type == FieldCodes {
			return "Array(" + kind + ")", nil
		}
	case FieldCount, FieldMoney:
		kind = bits(f.Limit())
	case FieldNumber:
		kind = "Float64"
	case FieldBool:
		kind = "Bool"
	case FieldYear:
		kind = "UInt16"
	case FieldDate:
		kind = "Date"
	case FieldTime:
		kind = "DateTime64(3, 'UTC')"
	case FieldText:
		kind = "String"
	default:
		return "", fmt.Errorf("column %s: type %q is unknown", f.Name, f.Type)
	}
	if f.Optional {
		kind = "Nullable(" + kind + ")"
	}
	return kind, nil
}

// Limit is the largest number that a count or an amount may be.
func (f Field) Limit() uint64 {
	switch {
	case f.Max != 0:
		return f.Max
	case f.Type == FieldCount:
		return math.MaxUint32
	}
	return math.MaxInt64
}

func bits(limit uint64) string {
	switch {
	case limit <= math.MaxUint8:
		return "UInt8"
	case limit <= math.MaxUint16:
		return "UInt16"
	case limit <= math.MaxUint32:
		return "UInt32"
	}
	return "UInt64"
}

func defaultOf(f Field) string {
	switch v := f.Default.(type) {
	case nil:
		return ""
	case string:
		return " DEFAULT " + quote(v)
	default:
		return fmt.Sprintf(" DEFAULT %v", v)
	}
}

// constraints are the bounds that ClickHouse holds rows of any sender to.
func (t *Table) constraints() []string {
	var all []string
	for _, f := range t.Fields {
		switch {
		case t.Kind == KindRollup:
		case f.Type == FieldVillage:
			all = append(all, f.Name+"_digits CHECK "+f.Name+" BETWEEN 100000000000 AND 999999999999")
		case f.Type == FieldRegion && f.Zero:
		case f.Type == FieldRegion:
			all = append(all, f.Name+"_digits CHECK length(toString("+f.Name+")) IN (6, 9, 12)")
		case f.Type == FieldCodes:
			all = append(all, fmt.Sprintf("%s_range CHECK length(%s) BETWEEN %d AND %d", f.Name, f.Name, f.Min, f.Max))
		case f.Min != 0 || f.Max != 0 && f.Max != math.MaxUint8 && f.Max != math.MaxUint16:
			within := fmt.Sprintf("%s BETWEEN %d AND %d", f.Name, f.Min, f.Limit())
			if f.Optional {
				within = "ifNull(" + within + ", true)" // a constraint must not come out as NULL
			}
			all = append(all, f.Name+"_range CHECK "+within)
		}
	}
	return append(all, t.Check...)
}

func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// Migrations gives the numbered migrations. Where a migration says
// {{create "table"}} stands the statement that makes the table, {{add "table"
// "column"…}} what adds columns to one that is there, {{stored "table" "column"}} a
// column's type, {{settle}} what lets the tables of states that were made before it merge
// when they are quiet; later ones are made so. The
// statements of the views, which are made anew after every migration, lie in a
// folder beside.
func (s *Schema) Migrations() (fs.FS, error) {
	out := &txtar.Archive{}
	names, err := fs.Glob(files, "schema/*.sql")
	if err != nil {
		return nil, err
	}
	var made []string // so far
	create := func(name string) (string, error) {
		made = append(made, name)
		return s.createNamed(name)
	}
	settle := func() string { return s.settle(made) }
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		tmpl, err := template.New(name).Funcs(template.FuncMap{"create": create, "add": s.add, "stored": s.storedNamed, "settle": settle}).Parse(string(text))
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := tmpl.Execute(&b, nil); err != nil {
			return nil, err
		}
		out.Files = append(out.Files, txtar.File{Name: strings.TrimPrefix(name, "schema/"), Data: b.Bytes()})
	}
	for i, statement := range s.createViews(Layout{}) {
		out.Files = append(out.Files, txtar.File{Name: fmt.Sprintf("%s/%03d.sql", ViewsFolder, i), Data: []byte(statement)})
	}
	return txtar.FS(out)
}

// ViewsFolder of Migrations holds the statements of the views, in order.
const ViewsFolder = "views"

func (s *Schema) createNamed(name string) (string, error) {
	t, ok := s.Table(name)
	if !ok {
		return "", fmt.Errorf("table %q has no file in tables", name)
	}
	statements, err := s.create(t, Layout{})
	return strings.Join(statements, ";\n\n") + ";", err
}

func (s *Schema) settle(made []string) string {
	var statements []string
	for _, t := range s.Tables {
		if t.Kind == KindState && slices.Contains(made, t.Name) {
			statements = append(statements, "ALTER TABLE "+t.Name+" MODIFY SETTING "+mergedWhenQuiet+";")
		}
	}
	return strings.Join(statements, "\n")
}

func (s *Schema) add(table string, columns ...string) (string, error) {
	var statements []string
	for _, column := range columns {
		kind, err := s.storedNamed(table, column)
		if err != nil {
			return "", err
		}
		t, _ := s.Table(table)
		f, _ := t.Field(column)
		statements = append(statements, "ALTER TABLE "+table+" ADD COLUMN IF NOT EXISTS "+column+" "+kind+defaultOf(*f)+" COMMENT "+quote(f.Title+": "+f.About)+" AFTER "+t.before(column)+";")
	}
	return strings.Join(statements, "\n"), nil
}

// before is the column that a column stands after.
func (t *Table) before(column string) string {
	return t.Fields[slices.IndexFunc(t.Fields, func(f Field) bool { return f.Name == column })-1].Name
}

func (s *Schema) storedNamed(table, column string) (string, error) {
	t, ok := s.Table(table)
	if !ok {
		return "", fmt.Errorf("table %q has no file in tables", table)
	}
	f, ok := t.Field(column)
	if !ok {
		return "", fmt.Errorf("table %s has no column %q", table, column)
	}
	return s.stored(*f)
}
