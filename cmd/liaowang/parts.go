package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"liaowang/aggregator"
	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/queries/warehouse"
	"liaowang/screens"
	"liaowang/screens/hub"
	"liaowang/screens/web"
	"liaowang/static"
)

// commonFlags are those of every part that publishes or reads batches.
type commonFlags struct {
	Province string `help:"Code of the province." default:"460000"`
	Node     string `help:"Name of this process among its like; default: the host's name."`
}

// figureFlags are those of the parts that make figures.
type figureFlags struct {
	LeastCell        int           `name:"least-cell" help:"Least number of households that is shown: a smaller one is suppressed, and so is what would give it away; 0 shows all." default:"5"`
	KeepBatches      int           `name:"keep-batches" help:"Days for which every batch that was shown can be read again; 0: for good." default:"30" placeholder:"DAYS"`
	React            time.Duration `help:"How often the tables are looked at when nothing hints that they have changed." default:"100ms"`
	BatchesPerSecond float64       `name:"batches-per-second" help:"Most batches a second." default:"5" placeholder:"N"`
}

// longest is the longest time that batches are kept short of for good, days: a
// ClickHouse date ends in 2149.
const longest = 36_500

func (f *figureFlags) check() error {
	if f.LeastCell < 0 {
		return fmt.Errorf("--least-cell %d: a number of households is expected, or 0 to show all", f.LeastCell)
	}
	if f.KeepBatches < 0 || f.KeepBatches > longest {
		return fmt.Errorf("--keep-batches %d: a number of days up to %d is expected, or 0 to keep them for good", f.KeepBatches, longest)
	}
	if f.React < 10*time.Millisecond || f.React > time.Minute {
		return fmt.Errorf("--react %s: a time from 10ms to 1m is expected: each look costs the source some milliseconds", f.React)
	}
	if f.BatchesPerSecond < 0.01 || f.BatchesPerSecond > 50 {
		return fmt.Errorf("--batches-per-second %v: a number from 0.01 to 50 is expected", f.BatchesPerSecond)
	}
	return nil
}

// keep sets how long batches are kept.
func (f *figureFlags) keep(ctx context.Context, w *warehouse.Warehouse) error {
	if err := w.KeepBatches(ctx, f.KeepBatches); err != nil {
		return fmt.Errorf("--keep-batches %d: %w", f.KeepBatches, err)
	}
	return nil
}

// gap is the least time between two batches.
func (f *figureFlags) gap() time.Duration {
	return time.Duration(float64(time.Second) / f.BatchesPerSecond)
}

// least is the least cell in the words of the aggregator, for which 0 is no choice.
func (f *figureFlags) least() int { return max(f.LeastCell, 1) }

// load reads what is embedded and is wrong before anything is started.
func (f *commonFlags) load() (*queries.Catalogue, []screens.Screen, error) {
	if !provinceForm.MatchString(f.Province) {
		return nil, nil, fmt.Errorf("--province %s: six digits that end in 0000 are expected, as 460000", f.Province)
	}
	cat, err := queries.Load()
	if err != nil {
		return nil, nil, err
	}
	all, err := screens.Load(cat)
	return cat, all, err
}

var provinceForm = regexp.MustCompile(`^[1-9][0-9]0000$`)

var notInName = regexp.MustCompile(`[^A-Za-z0-9_]+`)

// node is the name as lease and cut can carry it: where characters have to go,
// or there are too many, a short hash keeps two names apart.
func (f *commonFlags) node() string {
	name := f.Node
	if name == "" {
		name, _ = os.Hostname() // without a name the process is called by the hash of none
	}
	clean := notInName.ReplaceAllString(name, "_")
	if clean == name && name != "" && len(name) <= 20 {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return clean[:min(len(clean), 12)] + "_" + hex.EncodeToString(sum[:3])
}

// doorFlags say who may ask.
type doorFlags struct {
	Everyone bool `name:"let-everyone-on-the-network-see" help:"Listen on an address that other machines reach. There are no accounts yet: whoever reaches it sees everything."`
}

// listen takes an address before anything else is started.
func (f doorFlags) listen(flag, address string) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, fmt.Errorf("%s %s: host:port is expected, for example 127.0.0.1:8080", flag, address)
	}
	if err := (web.Door{Network: f.Everyone}).CheckListen(address); err != nil {
		return nil, fmt.Errorf("%s %w", flag, err)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w; is another program using it? choose another address", flag, address, cause(err))
	}
	return l, nil
}

// glassFlags are those of the part that displays connect to.
type glassFlags struct {
	doorFlags
	Listen       string   `help:"Address of the HTTP server." default:"127.0.0.1:8080"`
	Origin       []string `help:"Further origins (scheme://host:port) whose pages may open the stream." placeholder:"URL"`
	MostDisplays int      `name:"most-displays" help:"Most displays at once; further ones are refused, for another node to take." default:"20000" placeholder:"N"`
	Screens      string   `help:"Folder of screens (*.yaml) that are laid over the built-in ones; read again whenever it changes." type:"existingdir" env:"LIAOWANG_SCREENS" placeholder:"DIR"`
	PublicURL    string   `name:"public-url" help:"Where tablets reach this server, for the codes on cards, as http://hall.example:8080; default: the name that a screen was opened under." env:"LIAOWANG_PUBLIC_URL" placeholder:"URL"`
	EveryoneSQL  bool     `name:"let-everyone-on-the-network-see-sql" help:"Show other machines the statements behind the figures too; else only this machine sees them."`
	EveryoneWall bool     `name:"let-everyone-on-the-network-change-walls" help:"Let other machines leave tiles out of walls too; else only this machine may. There are no accounts yet."`
	MapApproval  string   `help:"审图号 of the map, printed on it." env:"LIAOWANG_MAP_APPROVAL" placeholder:"NUMBER"`
}

// cause is the innermost error: net's wrapping says the address a second time.
func cause(err error) error {
	var sys *os.SyscallError
	if errors.As(err, &sys) {
		return sys.Err
	}
	return err
}

func newRegistry() *prometheus.Registry {
	r := prometheus.NewRegistry()
	// What is live, and not only what has been allocated since it was collected last.
	live := collectors.WithGoCollectorRuntimeMetrics(collectors.GoRuntimeMetricsRule{Matcher: regexp.MustCompile(`^/gc/heap/live:bytes$`)})
	r.MustRegister(collectors.NewGoCollector(live), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// build identifies what browsers are given: the assets and the code that draws.
func build() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(static.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(static.Files, path)
		fmt.Fprintf(sum, "%s %d\n", path, len(body))
		sum.Write(body)
		return err
	})
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if strings.HasPrefix(s.Key, "vcs.") {
				fmt.Fprintln(sum, s.Key, s.Value)
			}
		}
	}
	return hex.EncodeToString(sum.Sum(nil))[:12], err
}

// glass starts the hub and the HTTP server on the listener. deliveries may be nil:
// none are taken. record may be nil: no batches of before are given back, and no files made.
func (a *app) glass(l net.Listener, f glassFlags, deliveries *deliveries, record kept, c commonFlags, cat *queries.Catalogue, all []screens.Screen, store *batch.Store, r *prometheus.Registry) (*hub.Hub, error) {
	id, err := build()
	if err != nil {
		return nil, err
	}
	programme, err := screens.LoadProgramme(cat, all)
	if err != nil {
		return nil, err
	}
	var folder *screens.Folder
	if f.Screens != "" {
		if folder, all, err = screens.OpenFolder(os.DirFS(f.Screens), cat); err != nil {
			return nil, fmt.Errorf("--screens %s: %w", f.Screens, err)
		}
		programme = folder.Programme()
	}
	h := hub.New(hub.Options{
		Store: store, Catalogue: cat, Screens: all, Programme: programme, Province: c.Province, Build: id, Node: c.node(), MapApproval: f.MapApproval,
		MostDisplays: f.MostDisplays, CheckOrigin: checkOrigin(f.Origin), Now: a.now, Logger: a.log, Registry: r,
	})
	o := web.Options{
		Hub: h, Catalogue: cat, Province: c.Province, Static: static.Files, Build: id,
		Door: web.Door{Network: f.Everyone, NetworkSQL: f.EveryoneSQL, NetworkWalls: f.EveryoneWall}, Gatherer: r, Now: a.now, Logger: a.log,
	}
	if record != nil {
		o.Record = record
		o.Exports = a.exports(h, record, f, cat, id)
	}
	if o.PublicURL, err = publicURL(f.PublicURL); err != nil {
		return nil, err
	}
	if deliveries != nil {
		o.Intake, o.Door.NetworkDelivers = deliveries, deliveries.network
	}
	handler, err := web.Handler(o)
	if err != nil {
		return nil, err
	}
	a.background("hub", h.Run)
	if folder != nil {
		a.background("screens", func(ctx context.Context) error { return a.follow(ctx, folder, h) })
		if o.Exports != nil {
			a.background("briefings", a.briefings(o.Exports, h, record, store, c.Province, f.Screens, o.PublicURL).Run)
		}
	}
	server := web.Serve(handler, a.log)
	a.background("http", func(context.Context) error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	a.onStop("http server", server.Shutdown)
	return h, nil
}

// lookAtScreens is how often the folder of screens is looked at.
const lookAtScreens = time.Second

// follow shows the screens of a folder as they change, until ctx is done. It is asked for
// its content rather than watched: network file systems and mounted configuration tell
// of no changes.
func (a *app) follow(ctx context.Context, folder *screens.Folder, h *hub.Hub) error {
	tick := time.NewTicker(lookAtScreens)
	defer tick.Stop()
	var wrong, told string // what is wrong with files, and what was said last
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		list, changed, err := folder.Look()
		if changed {
			if wrong = ""; err != nil {
				wrong = err.Error()
			}
			h.Replace(list)
			h.Perform(folder.Programme())
			a.log.Info("screens read", "screens", len(list))
		}
		words := wrong
		if !changed && err != nil {
			words = err.Error() // the folder itself is not to be read
		}
		if words != told {
			told = words
			h.Faulty(words)
			if words != "" {
				a.log.Error("screens are wrong, the last good ones stay", "err", words)
			}
		}
	}
}

// publicURL checks an address that codes are made of.
func publicURL(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return "", fmt.Errorf("--public-url %s: http://host:port or https://host is expected", text)
	}
	return strings.TrimRight(text, "/"), nil
}

// checkOrigin admits pages of this server and of the origins listed.
func checkOrigin(listed []string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		origin := r.Header.Get("Origin")
		if origin == "" {
			return true // no browser: nobody's cookies or network are borrowed
		}
		_, host, _ := strings.Cut(origin, "://")
		if strings.EqualFold(host, r.Host) {
			return true
		}
		for _, o := range listed {
			if strings.EqualFold(o, origin) {
				return true
			}
		}
		return false
	}
}

// redisOrOwn is redis, without a URL over one in this process.
func (a *app) redisOrOwn(url, province string) (*batch.Store, error) {
	if url != "" {
		return a.redis(url, province)
	}
	local, err := batch.StartLocal()
	if err != nil {
		return nil, err
	}
	a.onStop("redis in this process", func(context.Context) error { local.Close(); return nil })
	return a.redis(local.URL(), province)
}

// redis connects to the store; its close is part of the teardown.
func (a *app) redis(url, province string) (*batch.Store, error) {
	client, err := batch.Connect(url)
	if err != nil {
		return nil, err
	}
	a.onStop("redis", func(context.Context) error { return client.Close() })
	return batch.NewStore(client, province), nil
}

// clusterFlag is of the parts that read or make tables.
type clusterFlag struct {
	Cluster string `name:"clickhouse-cluster" help:"Name of the cluster, in the servers' configuration, that the tables are spread over; they are made with schema --cluster." env:"LIAOWANG_CLICKHOUSE_CLUSTER" placeholder:"NAME"`
}

// warehouse opens ClickHouse and brings its schema up to date; on a cluster, whose
// tables the operator makes, it sees whether they are there.
func (a *app) warehouse(ctx context.Context, url string, c clusterFlag, r prometheus.Registerer) (*warehouse.Warehouse, error) {
	w, err := warehouse.Open(ctx, warehouse.Options{URL: url, Cluster: c.Cluster, Registry: r})
	if err != nil {
		return nil, err
	}
	a.onStop("clickhouse", func(context.Context) error { return w.Close() })
	if c.Cluster == "" {
		return w, w.Migrate(ctx, queries.Migrations())
	}
	s, err := queries.LoadSchema()
	if err != nil {
		return nil, err
	}
	return w, w.VerifyCluster(ctx, s)
}

// aggregate starts the aggregator.
func (a *app) aggregate(w *warehouse.Warehouse, store *batch.Store, cat *queries.Catalogue, c commonFlags, f figureFlags, r *prometheus.Registry) *aggregator.Aggregator {
	if os.Getenv("GOGC") == "" {
		// Frames live long and are many, what a batch leaves behind is little: collecting
		// it at every doubling costs a fifth of the time that a batch takes here.
		debug.SetGCPercent(300)
	}
	agg := aggregator.New(aggregator.Options{Warehouse: w, Store: store, Catalogue: cat, Node: c.node(), LeastCell: f.least(), React: f.React, Gap: f.gap(), Now: a.now, Logger: a.log, Registry: r})
	a.background("aggregator", agg.Run)
	return agg
}

// firstBatch waits until the hub has something to show that is newer than since:
// a Redis of one's own may hold a batch of an earlier run.
func (a *app) firstBatch(ctx context.Context, h *hub.Hub, since time.Time) (*batch.Header, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if header, _ := h.Newest("", ""); header != nil && header.AsOf.After(since) {
			return header, nil
		}
		select {
		case <-ctx.Done():
			return nil, nil
		case err := <-a.failed:
			return nil, err
		case <-tick.C:
		}
	}
}
