package warehouse

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"golang.org/x/sync/errgroup"

	"liaowang/queries"
)

// localSuffix ends the name of a table's part on one shard; without it the name is
// that of the Distributed table over all of them.
const localSuffix = "_local"

// clustered sets what statements on a cluster need, whatever a user's profile says.
func (w *Warehouse) clustered() error {
	if w.cluster == "" {
		return nil
	}
	if !identifier.MatchString(w.cluster) {
		return fmt.Errorf("--clickhouse-cluster %q: a name of letters, digits and _ is expected", w.cluster)
	}
	if w.options.Protocol != clickhouse.Native {
		return errors.New("--clickhouse-cluster: shards are asked over the native protocol: --clickhouse clickhouse://… is expected, not http")
	}
	if w.options.Settings == nil {
		w.options.Settings = clickhouse.Settings{}
	}
	// Of the connections, so that writers of rows have them, too.
	maps.Copy(w.options.Settings, clickhouse.Settings{
		// A shard that is lost is an error, never a smaller number.
		"skip_unavailable_shards": 0,
		// What a statement joins or looks up is gathered from all shards first, and
		// sent to them: rows that belong together need not lie on one shard.
		"distributed_product_mode":  "global",
		"prefer_global_in_and_join": 1,
		// An insert has ended when all its rows are on their shards.
		"distributed_foreground_insert": 1,
		// One replica answers for a shard, and nothing is sent to a second one.
		"use_hedged_requests":   0,
		"max_parallel_replicas": 1,
		"load_balancing":        "in_order",
	})
	return nil
}

// Elsewhere says that another server may answer when one is lost.
func (w *Warehouse) Elsewhere() bool { return w.cluster != "" || len(w.options.Addr) > 1 }

// server is one of a cluster's.
type server struct {
	shard   uint32
	address string
}

// servers lists the servers of the cluster by shard, the preferred of each first.
func (w *Warehouse) servers(ctx context.Context) ([]server, error) {
	ctx, cancel := w.context(ctx, "servers", nil)
	defer cancel()
	rows, err := w.conn.Query(ctx, statement("servers"), clickhouse.Named("cluster", w.cluster))
	if err != nil {
		return nil, w.fail("servers", err)
	}
	defer rows.Close()
	var all []server
	for rows.Next() {
		var s server
		var host string
		var port uint16
		if err := rows.Scan(&s.shard, &host, &port); err != nil {
			return nil, w.fail("servers", err)
		}
		s.address = net.JoinHostPort(host, strconv.Itoa(int(port)))
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		return nil, w.fail("servers", err)
	}
	if len(all) == 0 {
		return nil, &Error{Statement: "servers", err: fmt.Errorf("%s knows no cluster %q: its configuration must name it under remote_servers", w.Address(), w.cluster)}
	}
	return all, nil
}

// at gives the warehouse on one server alone. It is to be left.
func (w *Warehouse) at(address string) (*Warehouse, error) {
	one, o := *w, *w.options
	o.Addr = []string{address}
	one.options, one.alone = &o, true
	var err error
	one.conn, err = one.open(w.database)
	return &one, err
}

// leave closes the connections of a warehouse that at has given.
func (w *Warehouse) leave() error {
	if w == nil || !w.alone {
		return nil
	}
	return w.conn.Close()
}

// knock is how long a server may take to say that it is there.
const knock = 5 * time.Second

// first gives the warehouse on the first of the addresses where a server answers.
func (w *Warehouse) first(ctx context.Context, addresses []string) (*Warehouse, error) {
	var errs []error
	for _, address := range addresses {
		one, err := w.at(address)
		if err != nil {
			return nil, err
		}
		kctx, cancel := context.WithTimeout(ctx, knock)
		err = one.conn.Ping(kctx)
		cancel()
		if err == nil {
			return one, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", address, err), one.leave())
	}
	return nil, w.fail("connect", errors.Join(errs...))
}

// choose finds the servers that the cut is to live on.
func (c *Cut) choose(ctx context.Context, w *Warehouse) (err error) {
	c.w = w
	if w.Elsewhere() {
		if c.w, err = w.first(ctx, w.options.Addr); err != nil {
			return err
		}
	}
	c.shards = []*Warehouse{c.w}
	if w.cluster == "" {
		return nil
	}
	if err := c.chooseReplicas(ctx); err != nil {
		return errors.Join(err, c.Close())
	}
	return nil
}

// chooseReplicas finds one server of each shard, and gives the cut a name that it had
// on no server before: what is left of it on another replica is then never read.
func (c *Cut) chooseReplicas(ctx context.Context) error {
	c.suffix, c.shards = localSuffix, nil
	all, err := c.w.servers(ctx)
	if err != nil {
		return err
	}
	if c.shards, err = c.w.replicas(ctx, all); err != nil {
		return err
	}
	// The server that was asked so far may be of no shard.
	if err := c.w.leave(); err != nil {
		return err
	}
	c.w = c.shards[0]
	var old errgroup.Group
	for _, s := range all {
		old.Go(func() error { c.w.dropOld(ctx, s.address, c.database); return nil })
	}
	_ = old.Wait() // nothing of it fails
	var unique [4]byte
	_, _ = rand.Read(unique[:]) // never fails
	c.database += "_" + hex.EncodeToString(unique[:])
	return nil
}

// replicas gives the warehouse on one server of each shard. They are to be left.
func (w *Warehouse) replicas(ctx context.Context, all []server) ([]*Warehouse, error) {
	addresses := map[uint32][]string{}
	for _, s := range all {
		addresses[s.shard] = append(addresses[s.shard], s.address)
	}
	shards := make([]*Warehouse, len(addresses))
	group, gctx := errgroup.WithContext(ctx)
	for i, shard := range slices.Sorted(maps.Keys(addresses)) {
		group.Go(func() (err error) {
			if shards[i], err = w.first(gctx, addresses[shard]); err != nil {
				return fmt.Errorf("shard %d of cluster %s: no replica answers: %w", shard, w.cluster, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, errors.Join(err, leave(shards))
	}
	return shards, nil
}

func leave(shards []*Warehouse) error {
	var errs []error
	for _, shard := range shards {
		errs = append(errs, shard.leave())
	}
	return errors.Join(errs...)
}

// onShards does something on one server of each shard, one by one.
func (w *Warehouse) onShards(ctx context.Context, do func(one *Warehouse) error) error {
	all, err := w.servers(ctx)
	if err != nil {
		return err
	}
	shards, err := w.replicas(ctx, all)
	if err != nil {
		return err
	}
	for _, shard := range shards {
		if err == nil {
			err = do(shard)
		}
	}
	return errors.Join(err, leave(shards))
}

// dropOld drops what is left of a reader's earlier cuts on one server. That costs disk
// and harms nobody: where it does not succeed it is tried again with the next cut.
func (w *Warehouse) dropOld(ctx context.Context, address, cut string) {
	ctx, cancel := context.WithTimeout(ctx, knock)
	defer cancel()
	one, err := w.at(address)
	if err != nil {
		return
	}
	defer one.leave()
	var old []string
	if err := one.conn.QueryRow(ctx, statement("old_cuts"), clickhouse.Named("cut", cut)).Scan(&old); err != nil {
		return
	}
	for _, name := range old {
		_ = one.exec(ctx, one.conn, "drop_cut", names{"cut": name})
	}
}

// createShards makes the tables of a cut on the chosen replica of each shard, and on
// that of the first shard, which is asked, the tables over all of them.
func (c *Cut) createShards(ctx context.Context, tables []string) error {
	err := c.each(ctx, func(ctx context.Context, _ int, shard *Warehouse) error {
		if err := shard.createDatabase(ctx, c.database); err != nil {
			return err
		}
		engines, err := shard.engines(ctx, tables)
		if err != nil {
			return err
		}
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(preparing)
		for _, table := range tables {
			group.Go(func() error {
				if err := shard.createLike(ctx, c.names(table), engines[table+c.suffix]); err != nil {
					return err
				}
				return shard.exec(ctx, shard.conn, "settle_cut_table", c.names(table))
			})
		}
		return group.Wait()
	})
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(preparing)
	for _, table := range tables {
		group.Go(func() error {
			return c.w.exec(ctx, c.w.conn, "create_cut_distributed", names{
				"cut": c.database, "live": c.w.database, "table": table, "local": table + c.suffix, "cluster": c.w.cluster})
		})
	}
	return group.Wait()
}

// spreadView makes of a view's table on the first shard one over all of them.
func (c *Cut) spreadView(ctx context.Context, v *queries.View) error {
	local := c.own(v)
	var create string
	sctx, cancel := c.w.context(ctx, "create_statement", nil)
	defer cancel()
	err := c.conn.QueryRow(sctx, statement("create_statement"), clickhouse.Named("cut", c.database), clickhouse.Named("table", local)).Scan(&create)
	if err != nil {
		return c.w.fail("create_statement", err)
	}
	for _, shard := range c.shards[1:] {
		if err := shard.define(ctx, "view."+v.Name, create); err != nil {
			return err
		}
	}
	return c.w.exec(ctx, c.conn, "create_view_distributed", names{"cut": c.database, "table": v.Name, "local": local, "cluster": c.w.cluster})
}

// engines tells the engines of the tables' parts on a shard, without replication.
func (w *Warehouse) engines(ctx context.Context, tables []string) (map[string]string, error) {
	ctx, cancel := w.context(ctx, "engines", nil)
	defer cancel()
	local := slices.Clone(tables)
	for i := range local {
		local[i] += localSuffix
	}
	rows, err := w.conn.Query(ctx, statement("engines"), clickhouse.Named("database", w.database), clickhouse.Named("tables", local))
	if err != nil {
		return nil, w.fail("engines", err)
	}
	defer rows.Close()
	engines := map[string]string{}
	for rows.Next() {
		var table, engine string
		if err := rows.Scan(&table, &engine); err != nil {
			return nil, w.fail("engines", err)
		}
		engines[table] = engine
	}
	for _, table := range local {
		if rows.Err() == nil && engines[table] == "" {
			return nil, w.missing(table)
		}
	}
	return engines, w.fail("engines", rows.Err())
}

// missing says that a server of a cluster lacks a table.
func (w *Warehouse) missing(table string) error {
	return &Error{Statement: "schema", err: fmt.Errorf("database %s on %s has no table %s: make the tables with `liaowang schema --cluster %s --clickhouse URL`", w.database, w.Address(), table, w.cluster)}
}

// createLike makes a table of a cut with the engine that the live one says it has.
func (w *Warehouse) createLike(ctx context.Context, n names, engine string) error {
	ctx, cancel := w.context(ctx, "create_cut_shard", nil)
	defer cancel()
	return w.fail("create_cut_shard", w.conn.Exec(ctx, n.in(statement("create_cut_shard"))+engine))
}

// each does something on all shards at a time.
func (c *Cut) each(ctx context.Context, do func(ctx context.Context, i int, shard *Warehouse) error) error {
	if len(c.shards) == 1 {
		return do(ctx, 0, c.shards[0])
	}
	group, ctx := errgroup.WithContext(ctx)
	for i, shard := range c.shards {
		group.Go(func() error { return do(ctx, i, shard) })
	}
	return group.Wait()
}

// CreateOnCluster makes the database and what is not there of its tables and views on
// every server of the cluster, over a connection to each: no server needs to be able
// to run a statement ON CLUSTER. Then it sows what a province begins with.
func (w *Warehouse) CreateOnCluster(ctx context.Context, statements, sow []string) error {
	all, err := w.servers(ctx)
	if err != nil {
		return err
	}
	group, gctx := errgroup.WithContext(ctx)
	for _, s := range all {
		group.Go(func() error {
			one, err := w.at(s.address)
			if err != nil {
				return err
			}
			if err := errors.Join(one.create(gctx, statements), one.leave()); err != nil {
				return fmt.Errorf("%s, shard %d: %w", s.address, s.shard, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, s := range sow {
		if err := w.define(ctx, "sow", s); err != nil {
			return err
		}
	}
	return nil
}

func (w *Warehouse) create(ctx context.Context, statements []string) error {
	if err := w.createDatabase(ctx, w.database); err != nil {
		return err
	}
	for _, s := range statements {
		if err := w.define(ctx, "schema", s); err != nil {
			return err
		}
	}
	return nil
}

// VerifyCluster fails unless a server of every shard has every table and column.
func (w *Warehouse) VerifyCluster(ctx context.Context, s *queries.Schema) error {
	tables, err := s.OnCluster()
	if err != nil {
		return err
	}
	return w.onShards(ctx, func(one *Warehouse) error {
		have, err := one.columns(ctx)
		if err != nil {
			return err
		}
		for _, t := range tables {
			for _, table := range []string{t.Name, t.Name + localSuffix} {
				if have[table] == nil {
					return one.missing(table)
				}
				for _, f := range t.Fields {
					if !slices.Contains(have[table], f.Name) {
						return &Error{Statement: "schema", err: fmt.Errorf("table %s on %s has no column %s: add it on every server, to %s and to %s",
							table, one.Address(), f.Name, t.Name+localSuffix, t.Name)}
					}
				}
			}
		}
		return nil
	})
}
