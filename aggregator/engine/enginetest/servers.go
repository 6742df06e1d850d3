package enginetest

import (
	"encoding/xml"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/ebitengine/purego"

	"liaowang/aggregator/engine"
)

// serverVariable marks the re-executed test binary that is to be a server; it holds the
// folder that the server's configuration and data are in.
const serverVariable = "LIAOWANG_TEST_SERVER_CHILD"

// Cluster is a cluster of real ClickHouse servers, a process each, that ask one another
// over the native protocol. Replicas of a shard are servers that know nothing of each
// other, and hold what a test gives each of them: replicated tables can be made (each
// server has a Keeper of its own in memory), and take no rows, since the library does not
// serve what replicas fetch from each other.
type Cluster struct {
	// Name is what the servers' configuration calls the cluster.
	Name string
	// Shards holds the replicas of each shard.
	Shards [][]*Server
}

// Server is one server of a Cluster.
type Server struct {
	// Address is host:port of the native protocol.
	Address string

	folder string
	cmd    *exec.Cmd
	log    *os.File
}

// URL is that of the native protocol, for one server or, in this order, several.
func URL(database string, servers ...*Server) string {
	var addresses []string
	for _, s := range servers {
		addresses = append(addresses, s.Address)
	}
	return "clickhouse://" + strings.Join(addresses, ",") + "/" + database
}

// StartCluster starts servers of so many shards and replicas on empty folders and free
// ports; they end with the test.
func StartCluster(tb testing.TB, shards, replicas int) *Cluster {
	tb.Helper()
	c := &Cluster{Name: "province", Shards: make([][]*Server, shards)}
	for i := range c.Shards {
		for range replicas {
			c.Shards[i] = append(c.Shards[i], &Server{Address: freeAddress(tb), folder: tb.TempDir()})
		}
	}
	for i, shard := range c.Shards {
		for _, s := range shard {
			config, err := xml.MarshalIndent(c.config(s, i+1), "", "  ")
			if err == nil {
				err = os.WriteFile(filepath.Join(s.folder, "config.xml"), config, 0o600)
			}
			if err != nil {
				tb.Fatal(err)
			}
			tb.Cleanup(s.Kill)
			s.start(tb)
		}
	}
	for _, shard := range c.Shards {
		for _, s := range shard {
			s.await(tb)
		}
	}
	return c
}

// serverConfig is the part of a server's configuration that a cluster needs.
type serverConfig struct {
	XMLName xml.Name      `xml:"clickhouse"`
	Port    string        `xml:"tcp_port"`
	Listen  string        `xml:"listen_host"`
	Shards  []serverShard `xml:"remote_servers>province>shard"`
	Keeper  string        `xml:"zookeeper>implementation"`
	Shard   int           `xml:"macros>shard"`
	Replica string        `xml:"macros>replica"`
}

type serverShard struct {
	Replicated bool            `xml:"internal_replication"`
	Replicas   []serverReplica `xml:"replica"`
}

type serverReplica struct {
	Host string `xml:"host"`
	Port string `xml:"port"`
}

func (c *Cluster) config(of *Server, shard int) serverConfig {
	host, port, _ := net.SplitHostPort(of.Address)
	config := serverConfig{Port: port, Listen: host, Keeper: "testkeeper", Shard: shard, Replica: port}
	for _, replicas := range c.Shards {
		s := serverShard{Replicated: true}
		for _, r := range replicas {
			host, port, _ := net.SplitHostPort(r.Address)
			s.Replicas = append(s.Replicas, serverReplica{Host: host, Port: port})
		}
		config.Shards = append(config.Shards, s)
	}
	return config
}

// freeAddress finds a port that nobody listens on: the servers must know each other's
// before they are started.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Start starts a server again that was killed, on the data that it had.
func (s *Server) Start(tb testing.TB) {
	tb.Helper()
	s.start(tb)
	s.await(tb)
}

func (s *Server) start(tb testing.TB) {
	tb.Helper()
	var err error
	if s.log, err = os.OpenFile(filepath.Join(s.folder, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		tb.Fatal(err)
	}
	s.cmd = exec.Command(os.Args[0])
	s.cmd.Env = append(os.Environ(), serverVariable+"="+s.folder)
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	started := make(chan error)
	go func() {
		// The kernel kills the server when the thread that started it ends.
		runtime.LockOSThread()
		s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		started <- s.cmd.Start()
		if s.cmd.Process != nil {
			_ = s.cmd.Wait() // it is killed: there is no other end
		}
		close(started)
	}()
	if err := <-started; err != nil {
		tb.Fatal(err)
	}
	cmd, log := s.cmd, s.log
	tb.Cleanup(func() { _ = cmd.Process.Kill(); <-started; log.Close() })
}

// Kill kills the server at once, and waits until it no longer answers.
func (s *Server) Kill() {
	if s.cmd == nil || s.cmd.Process == nil {
		return
	}
	_ = s.cmd.Process.Kill()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline) && s.answers(); {
		time.Sleep(5 * time.Millisecond)
	}
}

func (s *Server) answers() bool {
	conn, err := net.DialTimeout("tcp", s.Address, time.Second)
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

func (s *Server) await(tb testing.TB) {
	tb.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !s.answers(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			said, _ := os.ReadFile(filepath.Join(s.folder, "log"))
			tb.Fatalf("server %s does not answer: %s", s.Address, said)
		}
	}
}

// serve makes this process a server: the library's command line, which is that of
// clickhouse local, opens the port of the native protocol when it is asked to.
func serve(folder string) error {
	path, err := engine.FindLibrary("")
	if err != nil {
		return err
	}
	library, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return err
	}
	var run func(argc int32, argv unsafe.Pointer) unsafe.Pointer
	purego.RegisterLibFunc(&run, library, "chdb_query_cmdline")
	var pinner runtime.Pinner
	defer pinner.Unpin()
	var argv []*byte
	for _, argument := range []string{
		"clickhouse", "--config-file=" + filepath.Join(folder, "config.xml"), "--path=" + filepath.Join(folder, "data"),
		// It ends when its query does.
		"--query=SYSTEM START LISTEN TCP; SELECT sleepEachRow(1) FROM numbers(1000000) SETTINGS function_sleep_max_microseconds_per_block = 2000000000, max_block_size = 1 FORMAT Null",
	} {
		b := append([]byte(argument), 0)
		pinner.Pin(&b[0])
		argv = append(argv, &b[0])
	}
	pinner.Pin(&argv[0])
	run(int32(len(argv)), unsafe.Pointer(&argv[0]))
	return fmt.Errorf("the server in %s has ended", folder)
}
