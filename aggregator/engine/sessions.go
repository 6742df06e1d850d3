package engine

import (
	"context"
	"errors"
	"fmt"
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
// Every request gets a session of its own, opened for it and closed after it,
// which takes the engine a fifth of a millisecond. So there is nothing to clean
// up: no setting, parameter, current database or temporary table of one request
// can reach another.
type sessions struct {
	lib   *library
	path  string
	wait  time.Duration
	slots *semaphore.Weighted // first come, first served
	size  int64
	last  atomic.Uint64

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

// session is a connection that can be cancelled.
type session struct {
	*connection
	pool *sessions
	id   string
	stop func()
}

// acquire waits for a free place and opens a session in it. The session's
// queries are stopped when ctx is done. release must be called.
func (s *sessions) acquire(ctx context.Context) (*session, error) {
	waiting, cancel := context.WithTimeout(ctx, s.wait)
	defer cancel()
	if err := s.slots.Acquire(waiting, 1); err != nil {
		return nil, &Exception{Code: codeTooManyQueries, Message: fmt.Sprintf(
			"Too many simultaneous queries: all %d places of the engine stayed taken. (TOO_MANY_SIMULTANEOUS_QUERIES)", s.size)}
	}
	c, err := s.lib.connectTo("clickhouse", "--path="+s.path)
	if err != nil {
		s.slots.Release(1)
		return nil, err
	}
	se := &session{connection: c, pool: s, id: strconv.FormatUint(s.last.Add(1), 10)}
	se.stop = se.watch(ctx)
	return se, nil
}

func (se *session) release() {
	se.stop()
	se.close()
	se.pool.slots.Release(1)
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

// prepare gives the session the settings and the database of a request.
func (se *session) prepare(q *request) error {
	set := []string{marker + " = " + se.id}
	hasLimit := false
	for _, s := range q.settings {
		set = append(set, s.name+" = "+quoteLiteral(s.value))
		hasLimit = hasLimit || s.name == "max_result_bytes"
	}
	if !hasLimit && q.needsWholeResult() {
		set = append(set, "max_result_bytes = "+strconv.Itoa(wholeResultLimit))
	}
	if q.readOnly && q.setting("readonly") == "" {
		// Last, for it forbids some of the others. 2 still allows settings.
		set = append(set, "readonly = 2")
	}
	if _, err := se.exec("SET "+strings.Join(set, ", "), "Null", nil, nil); err != nil {
		return err
	}
	if q.database == "" {
		return nil
	}
	_, err := se.exec("USE "+quoteIdentifier(q.database), "Null", nil, nil)
	return err
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
	s.mu.Lock()
	defer s.mu.Unlock()
	s.control.close()
	s.control = nil
	s.lib.shutdown()
	return nil
}
