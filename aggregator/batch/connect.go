package batch

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// The forms that Connect takes, for errors and helps.
const (
	formOne      = "redis://host:6379/0"
	formSentinel = "redis-sentinel://host1:26379,host2:26379,host3:26379/master"
	formCluster  = "redis-cluster://host1:6379,host2:6379,host3:6379"
)

// Connect opens the Redis at the URL. It does not wait for an answer. The forms:
//
//	redis://user:password@host:6379/0                                   one server
//	redis-sentinel://user:password@host1:26379,host2:26379/master?db=0  whom these Sentinels say is the master of that name
//	redis-cluster://user:password@host1:6379,host2:6379                 the cluster that these are nodes of
//
// Each with rediss for TLS. Several hosts are asked which of them answer; ports may be
// left out. User and password are those of Redis; where Sentinels have their own, they
// stand in ?sentinel_username= and ?sentinel_password=. ?read_timeout=10s and
// write_timeout are for answers that take longer than three seconds; the other options
// are those of go-redis.
//
// What is asked while a replica takes over fails after some seconds; the same
// client finds the new master.
func Connect(rawURL string) (redis.UniversalClient, error) {
	scheme, rest, _ := strings.Cut(rawURL, "://")
	secure := strings.HasPrefix(scheme, "rediss")
	switch strings.Replace(scheme, "rediss", "redis", 1) {
	case "redis":
		if hosts, _, _ := strings.Cut(rest, "/"); strings.Contains(hosts[strings.LastIndex(hosts, "@")+1:], ",") {
			return nil, unreadable("it names several hosts", formSentinel+" or "+formCluster)
		}
		return connectOne(rawURL)
	case "redis-sentinel":
		return connectSentinel(secure, rest)
	case "redis-cluster":
		return connectCluster(secure, rest)
	}
	return nil, unreadable("", formOne+", "+formSentinel+" or "+formCluster+"; rediss instead of redis for TLS")
}

// unreadable is the error of a URL, without it: it may hold a password.
func unreadable(why, form string) error {
	if why != "" {
		why = " (" + why + ")"
	}
	return fmt.Errorf("--redis: the URL cannot be read%s: expected %s", why, form)
}

// Deadlines of one attempt. Reads of all frames take longer where the URL says so.
const (
	dialTimeout = 2 * time.Second
	ioTimeout   = 3 * time.Second
)

func connectOne(rawURL string) (redis.UniversalClient, error) {
	o, err := redis.ParseURL(rawURL)
	if err != nil {
		return nil, unreadable("", formOne)
	}
	o.DialTimeout = dialTimeout
	o.ReadTimeout = cmp.Or(o.ReadTimeout, ioTimeout)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, ioTimeout)
	o.MaxRetries = 1
	o.ContextTimeoutEnabled = true
	return redis.NewClient(o), nil
}

func connectSentinel(secure bool, rest string) (redis.UniversalClient, error) {
	t, err := parseTarget(rest, "26379")
	if err != nil {
		return nil, unreadable(err.Error(), formSentinel)
	}
	if t.path == "" {
		return nil, unreadable("the master's name is missing", formSentinel)
	}
	sentinel := url.UserPassword(t.query.Get("sentinel_username"), t.query.Get("sentinel_password"))
	t.query.Del("sentinel_username")
	t.query.Del("sentinel_password")
	t.query.Set("master_name", t.path)
	o, err := redis.ParseFailoverURL(t.url(secure))
	if err != nil {
		return nil, unreadable("an option is unknown or no value of its kind", formSentinel)
	}
	o.Username = t.user.Username()
	o.Password, _ = t.user.Password()
	o.SentinelUsername = sentinel.Username()
	o.SentinelPassword, _ = sentinel.Password()
	o.DialTimeout = dialTimeout
	// Each dial asks the Sentinels anew, who may know of another master by then: an
	// attempt that fails is ended soon, and the callers try again.
	o.DialerRetries = 1
	o.ReadTimeout = cmp.Or(o.ReadTimeout, ioTimeout)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, ioTimeout)
	o.MaxRetries = 1
	o.ContextTimeoutEnabled = true
	if secure {
		o.TLSConfig.ServerName = "" // each host's own
	}
	return redis.NewFailoverClient(o), nil
}

func connectCluster(secure bool, rest string) (redis.UniversalClient, error) {
	t, err := parseTarget(rest, "6379")
	if err != nil {
		return nil, unreadable(err.Error(), formCluster)
	}
	if t.path != "" {
		return nil, unreadable("a cluster has neither a master's name nor a database", formCluster)
	}
	o, err := redis.ParseClusterURL(t.url(secure))
	if err != nil {
		return nil, unreadable("an option is unknown or no value of its kind", formCluster)
	}
	o.Username = t.user.Username()
	o.Password, _ = t.user.Password()
	o.DialTimeout = dialTimeout
	o.DialerRetries = 1
	o.ReadTimeout = cmp.Or(o.ReadTimeout, ioTimeout)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, ioTimeout)
	o.ContextTimeoutEnabled = true
	// A server that is gone names no other, so who serves what is asked again every
	// second rather than every minute.
	o.ClusterStateReloadInterval = time.Second
	if secure {
		o.TLSConfig.ServerName = ""
	}
	return redis.NewClusterClient(o), nil
}

// target is what stands after the scheme of a URL of several hosts, which net/url
// does not read.
type target struct {
	user  *url.Userinfo
	hosts []string // host:port
	path  string   // without its slash
	query url.Values
}

// parseTarget reads user:password@host1:port,host2/path?query. Its errors quote nothing.
func parseTarget(rest, port string) (t target, err error) {
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	if i := strings.LastIndex(authority, "@"); i >= 0 {
		u, err := url.Parse("redis://" + authority[:i+1] + "host")
		if err != nil {
			return t, errors.New("user and password, whose marks must be percent-encoded")
		}
		t.user, authority = u.User, authority[i+1:]
	}
	for host := range strings.SplitSeq(authority, ",") {
		name, p, err := net.SplitHostPort(host)
		if err != nil {
			name, p, err = net.SplitHostPort(host + ":" + port)
		}
		if err != nil || name == "" || p == "" {
			return t, errors.New("hosts are parted by commas, each host:port")
		}
		t.hosts = append(t.hosts, net.JoinHostPort(name, p))
	}
	if t.path, err = url.PathUnescape(strings.TrimSuffix(path, "/")); err != nil {
		return t, errors.New("what follows the hosts")
	}
	if t.query, err = url.ParseQuery(query); err != nil {
		return t, errors.New("what follows the question mark")
	}
	return t, nil
}

// url is the target in the form of go-redis: further hosts are options.
func (t target) url(secure bool) string {
	t.query["addr"] = t.hosts[1:]
	u := url.URL{Scheme: "redis", Host: t.hosts[0], RawQuery: t.query.Encode()}
	if secure {
		u.Scheme = "rediss"
	}
	return u.String()
}

// Why Redis refuses what it could do.
var (
	// ErrOutOfMemory: Redis is at its maxmemory and may drop nothing. What was
	// published last is still there.
	ErrOutOfMemory = errors.New("batch: Redis has used up its memory (maxmemory) and takes no new batch; the last one stays: give it more memory, or take what else is stored there elsewhere")
	// ErrReplica: a server answers that takes no writes.
	ErrReplica = errors.New("batch: this Redis is a replica and takes no batches: it goes on by itself after a fail-over; if it does not, let --redis name the master, or the Sentinels as " + formSentinel)
	// ErrCluster: one server of a cluster was connected as if it were alone.
	ErrCluster = errors.New("batch: this Redis is a node of a cluster: --redis is to read " + formCluster)
)

// explain puts what Redis refuses into words for who runs it; nil for nil.
func explain(doing string, err error) error {
	if err == nil {
		return nil
	}
	var words error
	_, moved := redis.IsMovedError(err)
	switch {
	case redis.IsOOMError(err):
		words = ErrOutOfMemory
	case redis.IsReadOnlyError(err):
		words = ErrReplica
	case moved:
		words = ErrCluster
	default:
		return fmt.Errorf("batch: %s: %w", doing, err)
	}
	return fmt.Errorf("%w (%s: %w)", words, doing, err)
}
