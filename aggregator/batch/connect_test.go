package batch_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
)

func TestConnectTakesEachFormAndKeepsThePasswordOutOfItsErrors(t *testing.T) {
	for _, url := range []string{
		"redis://host", "redis://:secret@host:6379/0?read_timeout=10s", "rediss://user:secret@host",
		"redis-sentinel://host/master", "redis-sentinel://user:secret@a:1,b,c:3/master?db=2&read_timeout=10s&sentinel_password=secret",
		"rediss-sentinel://a,b/master", "redis-cluster://a", "redis-cluster://:sec%40ret@a:1,b:2,[::1]:3/?write_timeout=1m", "rediss-cluster://a,b",
	} {
		client, err := batch.Connect(url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		client.Close()
	}
	for url, want := range map[string]string{
		"":                                     "redis-sentinel://host1:26379",
		"http://user:secret@host":              "redis-cluster://host1:6379",
		"redis-elsewhere://:secret@host":       "redis://host:6379/0",
		"redis://:secret@host/nonsense":        "redis://host:6379/0",
		"redis://:secret@host1:1,host2:1":      "several hosts",
		"redis-sentinel://:secret@a:1,b:2":     "master's name",
		"redis-sentinel://:secret@a:1,,/m":     "parted by commas",
		"redis-sentinel://:secret@a:1/m?db=x":  "an option",
		"redis-sentinel://:secret@a:1/m?x=1":   "an option",
		"redis-cluster://:secret@a:1,b:2/0":    "nor a database",
		"redis-cluster://:sec%ret@a:1":         "percent-encoded",
		"redis-cluster://:secret@a:1?x=secret": "an option",
		"redis-cluster://:secret@":             "parted by commas",
	} {
		_, err := batch.Connect(url)
		if err == nil {
			t.Errorf("%s was taken", url)
			continue
		}
		if said := err.Error(); !strings.Contains(said, want) || !strings.Contains(said, "--redis") || strings.Contains(said, "secret") || strings.Contains(said, "sec%ret") {
			t.Errorf("%s: %q, expected it to say %q and no password", url, said, want)
		}
	}
}

func TestARedisThatCannotTakeBatchesIsSaidInWords(t *testing.T) {
	open := func(url string) *batch.Store { return openStore(t, func(*testing.T) string { return url }) }
	acquire := func(s *batch.Store) error {
		_, err := s.Acquire(t.Context(), "a", "run", batch.Floor{}, time.Minute)
		return err
	}
	t.Run("a replica", func(t *testing.T) {
		g := redistest.StartSentinel(t)
		if err := acquire(open(g.Servers[1].URL())); !errors.Is(err, batch.ErrReplica) {
			t.Fatal(err)
		}
	})
	t.Run("a node of a cluster", func(t *testing.T) {
		g := redistest.StartCluster(t)
		for _, s := range g.Servers {
			if s == g.Master("liaowang:{460000}:head") {
				continue
			}
			if err := acquire(open(s.URL())); !errors.Is(err, batch.ErrCluster) {
				t.Fatal(err)
			}
		}
	})
}

func TestARedisWithoutMemoryKeepsTheLastGoodBatch(t *testing.T) {
	server := redistest.Start(t)
	client, err := batch.Connect(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	s := batch.NewStore(client, "460000")
	p, f := &publisher{store: s}, &follower{store: s}
	for range 3 {
		if err := errors.Join(p.try(t.Context()), f.look(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	memory := func(most string) {
		t.Helper()
		if err := client.ConfigSet(t.Context(), "maxmemory", most).Err(); err != nil {
			t.Fatal(err)
		}
	}
	good := contents(t, client)
	memory("100kb") // Redis alone needs more
	for _, what := range []string{"changes", "all frames"} {
		if err := p.try(t.Context()); !errors.Is(err, batch.ErrOutOfMemory) {
			t.Fatalf("%s were published: %v", what, err)
		}
		if got := contents(t, client); got != good {
			t.Fatalf("%s were half written:\n%s\nwas\n%s", what, got, good)
		}
		afresh := &follower{store: s}
		if err := afresh.look(t.Context()); err != nil || afresh.number.Load() != 3 {
			t.Fatalf("a reader has batch %d, %v", afresh.number.Load(), err)
		}
	}
	memory("0")
	if err := errors.Join(p.try(t.Context()), f.look(t.Context())); err != nil || f.number.Load() <= 3 {
		t.Fatalf("with memory again the reader has batch %d, %v", f.number.Load(), err)
	}
}

// contents is what a Redis holds of batches.
func contents(t *testing.T, client redis.UniversalClient) string {
	t.Helper()
	said, err := client.Eval(context.Background(), `
		local out = {}
		for _, key in ipairs(KEYS) do
			local type = redis.call('TYPE', key).ok
			local all = type == 'zset' and redis.call('ZRANGE', key, 0, -1, 'WITHSCORES') or redis.call('HGETALL', key)
			out[#out + 1] = key .. ' ' .. table.concat(all, ' ')
		end
		return table.concat(out, '\n')`,
		[]string{"liaowang:{460000}:head", "liaowang:{460000}:frames", "liaowang:{460000}:changed", "liaowang:{460000}:deltas"}).Text()
	if err != nil {
		t.Fatal(err)
	}
	return said
}
