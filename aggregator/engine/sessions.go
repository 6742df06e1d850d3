package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

const (
	// wholeResultLimit bounds, in bytes of columns, a result that has to be
	// produced in one piece.
	wholeResultLimit = 64 << 20
	// killEvery is the pause between two attempts to stop a query. The first
	// can come before the engine knows the query.
	killEvery = 50 * time.Millisecond
	// marker is the setting that carries the number of a session, so that its
	// query can be found in system.processes. It only means something for
	// clusters of replicas, which the embedded engine does not have.
	marker = "load_balancing_first_offset"
)

// sessions hands out sessions of the engine, a bounded number at a time.
//
// Every request gets a session to itself. To open one, to give it settings and a
// database, and to close it costs as much as a small statement. So one that ran a
// statement which leaves nothing behind, and ran it well, is kept for a request
// with the same database and settings of the same names, which are all set again
// where they differ. All others are closed. So no setting, parameter, current
// database or temporary table of one request can reach another.
type sessions struct {
	lib   *library
	path  string
	wait  time.Duration
	slots *semaphore.Weighted // first come, first served
	size  int64
	last  atomic.Uint64

	idle struct {
		sync.Mutex
		all []*session // the one that was used last comes last
	}

	// control runs KILL QUERY, and keeps the engine open while there are no
	// sessions: it shuts down with the last one.
	mu      sync.Mutex
	control *connection
}

func newSessions(lib *library, path string, size int, wait time.Duration) (*sessions, error) {
	control, err := lib.connectTo("clickhouse", "--path="+path)
	if err != nil {
		return nil, err
	}
	s := &sessions{lib: lib, path: path, wait: wait, size: int64(size), slots: semaphore.NewWeighted(int64(size)), control: control}
	s.last.Store(1 << 63) // far from what anybody would set
	return s, nil
}

// idlePerPlace is how many sessions are kept for each place: requests come with some
// few sets of settings.
const idlePerPlace = 2

// session is a connection that can be cancelled.
type session struct {
	*connection
	pool *sessions
	id   string
	stop func()
	// database and settings are what prepare has given it.
	database string
	settings []parameter
}

// acquire waits for a free place and prepares a session for the request in it. The
// session's queries are stopped when ctx is done. release must be called.
func (s *sessions) acquire(ctx context.Context, q *request) (*session, error) {
	waiting, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	if err := s.slots.Acquire(waiting, 1); err != nil {
		return nil, &Exception{Code: codeTooManyQueries, Message: fmt.Sprintf(
			"Too many simultaneous queries: all %d places of the engine stayed taken. (TOO_MANY_SIMULTANEOUS_QUERIES)", s.size)}
	}
	if se := s.kept(q); se != nil {
		se.stop = se.watch(ctx)
		if err := se.prepare(q); err == nil {
			return se, nil
		}
		// Perhaps what it has forbids what is to be set, as readonly does.
		se.stop()
		se.close()
	}
	c, err := s.lib.connectTo("clickhouse", "--path="+s.path)
	if err != nil {
		s.slots.Release(1)
		return nil, err
	}
	se := &session{connection: c, pool: s, id: strconv.FormatUint(s.last.Add(1), 10)}
	se.stop = se.watch(ctx)
	if err := se.prepare(q); err != nil {
		se.release(false)
		return nil, err
	}
	return se, nil
}

// kept takes an idle session that the request can have, or nil.
func (s *sessions) kept(q *request) *session {
	if !q.leavesNothing() {
		return nil
	}
	s.idle.Lock()
	defer s.idle.Unlock()
	wanted := q.sessionSettings()
	for i, se := range slices.Backward(s.idle.all) {
		if se.database == q.database && slices.EqualFunc(se.settings, wanted, func(a, b parameter) bool { return a.name == b.name }) {
			s.idle.all = slices.Delete(s.idle.all, i, i+1)
			return se
		}
	}
	return nil
}

// release gives the place back, and the session for the next request where keep says
// that it may have it.
func (se *session) release(keep bool) {
	se.stop()
	s := se.pool
	if keep {
		s.idle.Lock()
		if s.idle.all = append(s.idle.all, se); len(s.idle.all) > idlePerPlace*int(s.size) {
			se = s.idle.all[0]
			s.idle.all = s.idle.all[1:]
		} else {
			se = nil
		}
		s.idle.Unlock()
	}
	if se != nil {
		se.close()
	}
	s.slots.Release(1)
}

// watch stops what the session runs once ctx is done, until the function that
// it returns is called.
func (se *session) watch(ctx context.Context) (stop func()) {
	ended, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		select {
		case <-ended:
			return
		case <-ctx.Done():
		}
		tick := time.NewTicker(killEvery)
		defer tick.Stop()
		for {
			se.pool.kill(se.id)
			select {
			case <-ended:
				return
			case <-tick.C:
			}
		}
	}()
	return func() {
		close(ended)
		<-stopped
	}
}

// kill asks the engine to stop the query of a session. Not to wait for it
// (ASYNC) keeps the control connection free for the next.
func (s *sessions) kill(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.control == nil {
		return
	}
	// Whether there was such a query is not known and does not matter.
	_, _ = s.control.exec("KILL QUERY WHERE Settings["+quoteLiteral(marker)+"] = "+quoteLiteral(id)+" ASYNC FORMAT Null", "Null", nil, nil)
}

// prepare gives the session the settings and the database of a request, as far as it
// has not got them.
func (se *session) prepare(q *request) error {
	wanted := q.sessionSettings()
	var set []string
	if se.settings == nil {
		set = append(set, marker+" = "+se.id)
	}
	for i, p := range wanted {
		if se.settings == nil || se.settings[i].value != p.value {
			set = append(set, p.name+" = "+quoteLiteral(p.value))
		}
	}
	if len(set) > 0 {
		if _, err := se.exec("SET "+strings.Join(set, ", "), "Null", nil, nil); err != nil {
			return err
		}
	}
	if q.database != se.database {
		if _, err := se.exec("USE "+quoteIdentifier(q.database), "Null", nil, nil); err != nil {
			return err
		}
	}
	se.settings, se.database = wanted, q.database
	return nil
}

// sessionSettings are what the session of a request is given, never nil.
func (q *request) sessionSettings() []parameter {
	all := append([]parameter{}, q.settings...)
	if q.setting("max_result_bytes") == "" && q.needsWholeResult() {
		all = append(all, parameter{"max_result_bytes", strconv.Itoa(wholeResultLimit)})
	}
	if q.readOnly && q.setting("readonly") == "" {
		// Last, for it forbids some of the others. 2 still allows settings.
		all = append(all, parameter{"readonly", "2"})
	}
	return all
}

// leavesNothing reports whether the session of a request is after it as it was before.
func (q *request) leavesNothing() bool {
	return !q.readOnly && len(q.script.statements) == 1 && q.script.statements[0].leavesNothing()
}

func (q *request) needsWholeResult() bool {
	for _, st := range q.script.statements {
		if st.kind == kindSelect && q.whole(st) {
			return true
		}
	}
	return false
}

// drain waits until no session is left and closes the engine. If ctx ends
// before, the engine is left as it is: closing it under a running query would
// crash.
func (s *sessions) drain(ctx context.Context) error {
	if err := s.slots.Acquire(ctx, s.size); err != nil {
		return errors.New("queries were still running")
	}
	for _, se := range s.idle.all { // nobody else is there any more
		se.close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.control.close()
	s.control = nil
	s.lib.shutdown()
	return nil
}
