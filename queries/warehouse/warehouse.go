// Package warehouse wraps clickhouse-go: it opens one server or several from one
// URL, applies the schema, takes cuts and runs the statements of package queries.
package warehouse

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

//go:embed sql/*.sql
var statements embed.FS

// DefaultDatabase is used when the URL names none.
const DefaultDatabase = "liaowang"

// Options says where ClickHouse is. The zero value of a field is its default.
type Options struct {
	// URL is clickhouse://user:password@host1:9000,host2:9000/database?secure=true
	// (native) or http://host1:8123,host2:8123/database (HTTP, https with TLS).
	// Without a database, DefaultDatabase.
	URL string
	// QueryTimeout bounds every statement, on the server too. Default 10 s.
	QueryTimeout time.Duration
	// QueryMemory bounds the memory of every statement, bytes. Default 1 GiB.
	QueryMemory uint64
	// Registry gets the count and the times of statements. nil: nobody is told.
	Registry prometheus.Registerer
	// Existing opens a database that is there: nothing is made, and nothing waits for
	// the server to answer.
	Existing bool
	// Cluster names the cluster, in the servers' configuration, whose shards the
	// tables are spread over; see Cut. Empty: every server of the URL has all rows.
	Cluster string
}

// Warehouse is a pool of connections to one database.
type Warehouse struct {
	options  *clickhouse.Options
	database string
	timeout  time.Duration
	settings clickhouse.Settings
	conn     driver.Conn
	took     *prometheus.HistogramVec
	cluster  string
	alone    bool // on one server of several, with connections of its own
}

// Open connects, creates the database if it is not there, and waits for an
// answer, unless the options say that it exists. The error names the address, never the password.
func Open(ctx context.Context, o Options) (*Warehouse, error) {
	parsed, err := clickhouse.ParseDSN(o.URL)
	if err != nil {
		// The cause quotes parts of the URL, and with them of the password.
		return nil, errors.New("--clickhouse: the URL cannot be read: expected clickhouse://user:password@host:9000/database or http://host:8123/database, with special characters of the password written as %XX")
	}
	if o.QueryTimeout == 0 {
		o.QueryTimeout = 10 * time.Second
	}
	if o.QueryMemory == 0 {
		o.QueryMemory = 1 << 30
	}
	parsed.DialTimeout = 5 * time.Second
	parsed.ReadTimeout = 30 * time.Second
	parsed.MaxOpenConns = 8
	parsed.MaxIdleConns = 8
	parsed.ConnMaxLifetime = time.Hour
	parsed.ClientInfo.Products = append(parsed.ClientInfo.Products, struct{ Name, Version string }{"liaowang", "1"})
	w := &Warehouse{
		options:  parsed,
		database: parsed.Auth.Database,
		timeout:  o.QueryTimeout,
		cluster:  o.Cluster,
		settings: clickhouse.Settings{
			"max_execution_time": int(o.QueryTimeout.Seconds() + 0.999),
			"max_memory_usage":   o.QueryMemory,
			// Statements count on it; a user's profile may say otherwise.
			"join_use_nulls": 0,
			// Statements are short and many: compiling them costs more than it saves.
			"compile_expressions":           0,
			"compile_aggregate_expressions": 0,
			"compile_sort_description":      0,
		},
	}
	if w.database == "" {
		w.database = DefaultDatabase
	}
	if err := w.clustered(); err != nil {
		return nil, err
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	w.took = promauto.With(o.Registry).NewHistogramVec(prometheus.HistogramOpts{
		Name: "liaowang_statement_seconds", Help: "Time of each statement asked of ClickHouse, by what it is of: the catalogue (a metric, check or view), or the program itself; its exemplar names it.",
		Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
	}, []string{"of"})
	if !identifier.MatchString(w.database) {
		return nil, fmt.Errorf("--clickhouse: database %q: a name of letters, digits and _ is expected", w.database)
	}
	if o.Existing {
		w.conn, err = w.open(w.database)
		return w, err
	}
	if err := w.createDatabase(ctx, w.database); err != nil {
		var failed *Error
		if errors.As(err, &failed) && failed.Code != 0 {
			return nil, fmt.Errorf("clickhouse %s: database %s cannot be made: %w", w.Address(), w.database, err)
		}
		// The driver's own words hold its whole URL.
		return nil, fmt.Errorf("clickhouse %s does not answer: %w", w.Address(), innermost(err))
	}
	if w.conn, err = w.open(w.database); err != nil {
		return nil, err
	}
	return w, nil
}

func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

func (w *Warehouse) open(database string) (driver.Conn, error) {
	o := *w.options
	o.Auth.Database = database
	conn, err := clickhouse.Open(&o)
	if err != nil {
		return nil, fmt.Errorf("clickhouse %s: %w", w.Address(), err)
	}
	return conn, nil
}

func (w *Warehouse) createDatabase(ctx context.Context, name string) error {
	conn, err := w.open("default")
	if err != nil {
		return err
	}
	defer conn.Close()
	return w.exec(ctx, conn, "create_database", names{"database": name})
}

// Conn is the connection pool to the live database, for writers of rows.
func (w *Warehouse) Conn() driver.Conn { return w.conn }

// Address names the servers, for people.
func (w *Warehouse) Address() string { return strings.Join(w.options.Addr, ",") }

// Close closes the pool.
func (w *Warehouse) Close() error { return w.conn.Close() }

// History returns the identity of this database.
func (w *Warehouse) History(ctx context.Context) (history string, err error) {
	ctx, cancel := w.context(ctx, "history", nil)
	defer cancel()
	return history, w.fail("history", w.conn.QueryRow(ctx, statement("history")).Scan(&history))
}

// flag runs a statement that answers yes or no.
func (w *Warehouse) flag(ctx context.Context, name string, n names, params ...any) (bool, error) {
	ctx, cancel := w.context(ctx, name, nil)
	defer cancel()
	var yes uint8
	err := w.conn.QueryRow(ctx, n.in(statement(name)), params...).Scan(&yes)
	return yes > 0, w.fail(name, err)
}

// DayFigure is one number of one metric at the end of a day.
type DayFigure struct {
	Metric, Region, Line, Figure string
	Value                        float64
}

// RecordDay keeps the figures that a day ended with. A higher version replaces
// what was kept of the day before.
func (w *Warehouse) RecordDay(ctx context.Context, day time.Time, version uint64, figures []DayFigure) error {
	ctx, cancel := w.context(ctx, "record_day", nil)
	defer cancel()
	insert, err := w.conn.PrepareBatch(ctx, statement("insert_day"))
	if err != nil {
		return w.fail("record_day", err)
	}
	defer insert.Close()
	for _, f := range figures {
		if err := insert.Append(f.Metric, day, f.Region, f.Line, f.Figure, f.Value, version); err != nil {
			return w.fail("record_day", err)
		}
	}
	return w.fail("record_day", insert.Send())
}

// crowd marks a context whose statements run beside many others.
type crowd struct{}

// Crowded lets each statement of the context run on one thread: where many run at
// once they fill the cores between them, and do not pay for sharing one's work.
func Crowded(ctx context.Context) context.Context { return context.WithValue(ctx, crowd{}, true) }

// context bounds a statement and names it in ClickHouse's logs.
func (w *Warehouse) context(ctx context.Context, name string, more clickhouse.Settings) (context.Context, context.CancelFunc) {
	settings := clickhouse.Settings{"log_comment": "liaowang:" + name}
	maps.Copy(settings, w.settings)
	maps.Copy(settings, more)
	if ctx.Value(crowd{}) != nil {
		settings["max_threads"] = 1
	}
	// The server stops first; the client's own bound is for a server that does not answer.
	ctx, cancel := context.WithTimeout(ctx, w.timeout+2*time.Second)
	begun := time.Now()
	return clickhouse.Context(ctx, clickhouse.WithSettings(settings)), func() {
		cancel()
		w.observe(name, time.Since(begun))
	}
}

// observe notes how long a statement took, rows read included.
func (w *Warehouse) observe(name string, took time.Duration) {
	of := "program"
	if strings.Contains(name, ".") {
		of = "catalogue"
	}
	observer := w.took.WithLabelValues(of)
	if e, ok := observer.(prometheus.ExemplarObserver); ok {
		name = name[:min(len(name), prometheus.ExemplarMaxRunes-len("statement"))] // the first of several
		e.ObserveWithExemplar(took.Seconds(), prometheus.Labels{"statement": name})
		return
	}
	observer.Observe(took.Seconds())
}

// Error is a statement that failed.
type Error struct {
	// Statement names it: a metric, a check or a file of this package.
	Statement string
	// Code is ClickHouse's exception code, 0 when the server did not answer.
	Code int32
	err  error
}

// elsewhere are what ClickHouse answers where the cut is gone, or a shard of it does
// not answer: that is not the statement's fault.
var elsewhere = []int32{
	32,  // ATTEMPT_TO_READ_AFTER_EOF
	60,  // UNKNOWN_TABLE
	81,  // UNKNOWN_DATABASE
	198, // DNS_ERROR
	209, // SOCKET_TIMEOUT
	210, // NETWORK_ERROR
	279, // ALL_CONNECTION_TRIES_FAILED
	519, // NO_REMOTE_SHARD_AVAILABLE
}

// contentError is an answer that is not what the statement's header promises.
type contentError struct{ error }

// Told reports whether the server has answered that it cannot do this statement, or
// not with what it should say; others it may answer well. False where there is no
// answer, or where what all statements read is gone.
func (e *Error) Told() bool {
	return errors.As(e.err, new(contentError)) || e.Code != 0 && !slices.Contains(elsewhere, e.Code)
}

func (e *Error) Error() string { return "clickhouse: " + e.Statement + ": " + e.err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.err }

func (w *Warehouse) fail(name string, err error) error {
	if err == nil {
		return nil
	}
	e := &Error{Statement: name, err: err}
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		e.Code = exception.Code
	}
	return e
}

// identifier is what a database or table may be called: enough for every name
// of ours, and nothing that would need escaping.
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,62}$`)

// names maps the ${placeholders} of a statement to identifiers. ClickHouse
// takes no query parameter in these places.
type names map[string]string

func (n names) in(statement string) string {
	return os.Expand(statement, func(key string) string { return "`" + n[key] + "`" })
}

func statement(name string) string {
	text, err := fs.ReadFile(statements, "sql/"+name+".sql")
	if err != nil {
		panic(err) // embedded at build time: only a misspelt name in this package gets here
	}
	return string(text)
}

func (w *Warehouse) exec(ctx context.Context, conn driver.Conn, name string, n names) error {
	return w.execWith(ctx, conn, name, n, nil)
}

func (w *Warehouse) execWith(ctx context.Context, conn driver.Conn, name string, n names, more clickhouse.Settings) error {
	for _, id := range n {
		if !identifier.MatchString(id) {
			return &Error{Statement: name, err: fmt.Errorf("%q cannot be the name of a database or table", id)}
		}
	}
	ctx, cancel := w.context(ctx, name, more)
	defer cancel()
	sql := n.in(statement(name))
	return w.twice(name, func() error { return conn.Exec(ctx, sql) })
}

// twice does again what the server has refused once: of the hundreds of statements that
// make a cut, one that found it busy would else begin all of them anew. What is done must
// be the same when it is done twice.
func (w *Warehouse) twice(name string, f func() error) error {
	err := f()
	if errors.As(err, new(*clickhouse.Exception)) {
		err = f()
	}
	return w.fail(name, err)
}
