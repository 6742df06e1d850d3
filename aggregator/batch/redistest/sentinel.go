package redistest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// masterName is the name under which Sentinels know the master.
const masterName = "liaowang"

// Group is a master with two replicas and three Sentinels that watch them. A
// master that does not answer for half a second is replaced.
type Group struct {
	tb testing.TB
	// Servers are the data servers; the first was the master at the start.
	Servers   []*Server
	sentinels []*Server
}

// StartSentinel starts a group and waits until a fail-over is possible; it ends with
// the test.
func StartSentinel(tb testing.TB) *Group {
	tb.Helper()
	g := &Group{tb: tb}
	// A replica asks for the data at once rather than five seconds later.
	first := start(tb, "--repl-diskless-sync-delay", "0")
	g.Servers = append(g.Servers, first)
	for range 2 {
		g.Servers = append(g.Servers, start(tb, "--repl-diskless-sync-delay", "0", "--replicaof", "127.0.0.1 "+strconv.Itoa(first.port)))
	}
	for _, s := range g.Servers[1:] {
		s.until("it follows the master", linked)
	}
	for range 3 {
		g.sentinels = append(g.sentinels, startSentinel(tb, first.port))
	}
	for _, s := range g.sentinels {
		s.until("it knows the replicas and the other Sentinels", func(ctx context.Context, c *redis.Client) bool {
			m := sentinel(s)
			defer m.Close()
			got, err := m.Master(ctx, masterName).Result()
			return err == nil && got["num-slaves"] == "2" && got["num-other-sentinels"] == "2" && m.CkQuorum(ctx, masterName).Err() == nil
		})
	}
	return g
}

func startSentinel(tb testing.TB, master int) *Server {
	tb.Helper()
	s := &Server{tb: tb, port: freePort(tb), dir: tb.TempDir()}
	s.log = filepath.Join(s.dir, "log")
	conf := filepath.Join(s.dir, "sentinel.conf")
	body := fmt.Sprintf(`port %d
bind 127.0.0.1
dir %q
logfile %q
sentinel monitor %[4]s 127.0.0.1 %[5]d 2
sentinel down-after-milliseconds %[4]s 500
sentinel failover-timeout %[4]s 3000
sentinel parallel-syncs %[4]s 2
`, s.port, s.dir, s.log, masterName, master)
	if err := os.WriteFile(conf, []byte(body), 0o600); err != nil {
		tb.Fatal(err)
	}
	path, err := exec.LookPath("redis-server")
	if err != nil {
		tb.Fatalf("redis-server is not installed: run make test, or make deps: %v", err)
	}
	tb.Cleanup(s.Kill)
	s.run(path, conf, "--sentinel")
	return s
}

// linked reports whether a replica follows its master.
func linked(ctx context.Context, c *redis.Client) bool {
	info, err := c.Info(ctx, "replication").Result()
	return err == nil && strings.Contains(info, "master_link_status:up")
}

func sentinel(s *Server) *redis.SentinelClient {
	return redis.NewSentinelClient(&redis.Options{Addr: s.Addr(), MaxRetries: -1, PoolSize: 1})
}

// URL is what batch.Connect takes.
func (g *Group) URL() string {
	var hosts []string
	for _, s := range g.sentinels {
		hosts = append(hosts, s.Addr())
	}
	return "redis-sentinel://" + strings.Join(hosts, ",") + "/" + masterName
}

// Master is the server that the first Sentinel takes for the master.
func (g *Group) Master() *Server {
	g.tb.Helper()
	c := sentinel(g.sentinels[0])
	defer c.Close()
	addr, err := c.GetMasterAddrByName(context.Background(), masterName).Result()
	if err != nil {
		g.tb.Fatal(err)
	}
	for _, s := range g.Servers {
		if strconv.Itoa(s.port) == addr[1] {
			return s
		}
	}
	g.tb.Fatalf("the Sentinels name a master at %v, which is none of ours", addr)
	return nil
}

// Flush empties the group.
func (g *Group) Flush() {
	g.tb.Helper()
	flush(g.tb, g.Master())
}

func flush(tb testing.TB, s *Server) {
	tb.Helper()
	c := redis.NewClient(&redis.Options{Addr: s.Addr()})
	defer c.Close()
	if err := c.FlushAll(context.Background()).Err(); err != nil {
		tb.Fatal(err)
	}
}

// Caught waits until a replica has all that its master wrote so far.
func (s *Server) Caught(master *Server) {
	s.tb.Helper()
	c := redis.NewClient(&redis.Options{Addr: master.Addr()})
	defer c.Close()
	want, err := offset(context.Background(), c, "master_repl_offset:")
	if err != nil {
		s.tb.Fatal(err)
	}
	s.until("it has what the master wrote", func(ctx context.Context, c *redis.Client) bool {
		got, err := offset(ctx, c, "slave_repl_offset:")
		return err == nil && got >= want
	})
}

// Forsake cuts the master's replicas off; frozen ones stay so, and get nothing that
// is written from now on. (What is on its way to a frozen one waits for it.)
func (s *Server) Forsake() {
	s.tb.Helper()
	c := redis.NewClient(&redis.Options{Addr: s.Addr()})
	defer c.Close()
	if err := c.Do(context.Background(), "CLIENT", "KILL", "TYPE", "replica").Err(); err != nil {
		s.tb.Fatal(err)
	}
}

func offset(ctx context.Context, c *redis.Client, name string) (int, error) {
	info, err := c.Info(ctx, "replication").Result()
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(info, name)
	n, _, _ := strings.Cut(rest, "\r")
	return strconv.Atoi(n)
}
