package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/queries/warehouse"
	"liaowang/screens"
)

type checkCommand struct {
	ClickHouse string `name:"clickhouse" help:"Database to ask; default: the engine of an up that runs here." default:"http://127.0.0.1:8123/liaowang" env:"LIAOWANG_CLICKHOUSE" placeholder:"URL"`
	clusterFlag
	Queries string        `help:"Folder of tables, views, metrics, checks and codes to check instead of the built-in ones." type:"existingdir" placeholder:"DIR"`
	Screens string        `help:"Folder of screens to check instead of the built-in ones." type:"existingdir" placeholder:"DIR"`
	Slow    time.Duration `help:"Say which statements took longer." default:"100ms"`
	Verbose bool          `short:"v" help:"A line for every metric and check."`
	Node    string        `help:"Name of the cut that is made for the check and dropped after it." default:"check"`
}

// errFaults ends the program with a code after the faults have been told.
var errFaults = errors.New("check: faults were found")

// Run checks the catalogue, then every metric and check on the database.
func (c *checkCommand) Run(ctx context.Context, _ *slog.Logger) error {
	faults := 0
	tell := func(err error) {
		for _, e := range each(err) {
			faults++
			fmt.Fprintln(os.Stdout, e)
		}
	}
	cat, err := c.catalogue()
	tell(err)
	if faults > 0 {
		return errFaults // statements of a broken catalogue would say the same again
	}
	all, err := c.screens(cat)
	tell(err)
	w, err := warehouse.Open(ctx, warehouse.Options{URL: c.ClickHouse, Cluster: c.Cluster})
	if err != nil {
		return err
	}
	defer w.Close()
	slow := 0
	now := time.Now().In(batch.Hall)
	err = w.Verify(ctx, cat, c.Node, now, func(v warehouse.Verified) {
		for _, f := range v.Faults {
			tell(f)
		}
		if v.Took > c.Slow {
			slow++
		}
		if c.Verbose || v.Took > c.Slow {
			fmt.Fprintf(os.Stdout, "%-36s %6d rows  %s%s\n", v.ID, v.Rows, v.Took.Round(100*time.Microsecond), mark(v.Took > c.Slow, "  slow"))
		}
	})
	if err != nil {
		return err
	}
	if faults > 0 {
		return errFaults
	}
	fmt.Fprintf(os.Stdout, "%d tables, %d metrics, %d checks, %d screens on %s: no fault, %d slower than %s\n",
		len(cat.Schema.Tables), len(cat.Metrics), len(cat.Checks), len(all), w.Address(), slow, c.Slow)
	return nil
}

func mark(is bool, with string) string {
	if is {
		return with
	}
	return ""
}

func (c *checkCommand) catalogue() (*queries.Catalogue, error) {
	if c.Queries == "" {
		return queries.Load()
	}
	return queries.LoadFS(os.DirFS(c.Queries))
}

func (c *checkCommand) screens(cat *queries.Catalogue) ([]screens.Screen, error) {
	if c.Screens == "" {
		return screens.Load(cat)
	}
	if _, _, err := screens.OpenFolder(os.DirFS(c.Screens), cat); err != nil { // with what walls do by themselves
		return nil, err
	}
	return screens.LoadFS(os.DirFS(c.Screens), cat)
}

// each takes joined errors apart.
func each(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, e := range joined.Unwrap() {
		all = append(all, each(e)...)
	}
	return all
}

// apply makes the tables on every server of the cluster.
func (c *schemaCommand) apply(ctx context.Context, s *queries.Schema, statements, sow []string) error {
	w, err := warehouse.Open(ctx, warehouse.Options{URL: c.ClickHouse, Cluster: c.Cluster})
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.CreateOnCluster(ctx, statements, sow); err != nil {
		return err
	}
	if err := w.VerifyCluster(ctx, s); err != nil {
		return err
	}
	fmt.Fprintf(os.Stdout, "%d statements on every server of cluster %s: all tables are there\n", len(statements), c.Cluster)
	return nil
}

type schemaCommand struct {
	Cluster    string `help:"Name of the cluster in ClickHouse's configuration: replicated tables on every shard below distributed ones, made on all nodes at once." placeholder:"NAME"`
	Single     bool   `help:"Each shard of the cluster is one server, without a Keeper: its tables are not replicated."`
	ClickHouse string `name:"clickhouse" help:"Do not print the statements but run them, on every server of the cluster that this one knows." placeholder:"URL"`
}

// Run prints the statements that make every table, or runs them on a cluster.
func (c *schemaCommand) Run(ctx context.Context) error {
	if c.Cluster == "" && (c.Single || c.ClickHouse != "") {
		return errors.New("schema: --single and --clickhouse are for a --cluster; one machine's tables are made by up and aggregate")
	}
	s, err := queries.LoadSchema()
	if err != nil {
		return err
	}
	// Only with a Keeper can a server hand statements to the others.
	statements, err := s.DDL(queries.Layout{Cluster: c.Cluster, Single: c.Single, Apart: c.Single || c.ClickHouse != ""})
	if err != nil {
		return err
	}
	sow, err := s.Sow()
	if err != nil {
		return err
	}
	if c.ClickHouse != "" {
		return c.apply(ctx, s, statements, sow)
	}
	if c.Cluster != "" {
		statements = append(statements, sow...)
	}
	_, err = io.WriteString(os.Stdout, strings.Join(statements, ";\n\n")+";\n")
	if errors.Is(err, fs.ErrClosed) {
		return nil
	}
	return err
}
