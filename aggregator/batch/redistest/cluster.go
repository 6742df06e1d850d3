package redistest

import (
	"context"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// Cluster is a Redis cluster of three masters with a replica each. A master that
// does not answer for a second is replaced.
type Cluster struct {
	tb      testing.TB
	Servers []*Server
}

// StartCluster starts a cluster and waits until a fail-over is possible; it ends
// with the test.
func StartCluster(tb testing.TB) *Cluster {
	tb.Helper()
	g := &Cluster{tb: tb}
	args := []string{"--cluster", "create"}
	for range 6 {
		s := start(tb, "--repl-diskless-sync-delay", "0", "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf",
			// The bus has a port of its own, which is the other plus 10000 otherwise: too high for a free one.
			"--cluster-node-timeout", "1000", "--cluster-port", strconv.Itoa(freePort(tb)))
		g.Servers = append(g.Servers, s)
		args = append(args, s.Addr())
	}
	if out, err := exec.Command("redis-cli", append(args, "--cluster-replicas", "1", "--cluster-yes")...).CombinedOutput(); err != nil {
		tb.Fatalf("the cluster is not made: %v\n%s", err, out)
	}
	for _, s := range g.Servers {
		s.until("it is a part of a cluster that holds together", func(ctx context.Context, c *redis.Client) bool {
			info, err := c.ClusterInfo(ctx).Result()
			if err != nil || !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, "cluster_known_nodes:6") {
				return false
			}
			repl, err := c.Info(ctx, "replication").Result()
			return err == nil && (strings.Contains(repl, "role:master") && strings.Contains(repl, "state=online") || strings.Contains(repl, "master_link_status:up"))
		})
	}
	return g
}

// URL is what batch.Connect takes.
func (g *Cluster) URL() string {
	var hosts []string
	for _, s := range g.Servers {
		hosts = append(hosts, s.Addr())
	}
	return "redis-cluster://" + strings.Join(hosts, ",")
}

// Master is the server that serves a key.
func (g *Cluster) Master(key string) *Server {
	g.tb.Helper()
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{g.Servers[0].Addr()}})
	defer c.Close()
	master, err := c.MasterForKey(context.Background(), key)
	if err != nil {
		g.tb.Fatal(err)
	}
	for _, s := range g.Servers {
		if s.Addr() == master.Options().Addr {
			return s
		}
	}
	g.tb.Fatalf("%s, which serves key %s, is no server of this cluster", master.Options().Addr, key)
	return nil
}

// Flush empties the cluster.
func (g *Cluster) Flush() {
	g.tb.Helper()
	ctx := context.Background()
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: []string{g.Servers[0].Addr()}})
	defer c.Close()
	err := c.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return c.FlushAll(ctx).Err() })
	if err != nil {
		g.tb.Fatal(err)
	}
}
