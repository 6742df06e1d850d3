package export

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sys/unix"
)

const (
	// queued is how many jobs may wait where nothing else is said.
	queued = 24
	// keptFor is how long a file can be fetched, keptBytes how much is kept of them.
	keptFor   = 10 * time.Minute
	keptBytes = 128 << 20
	// longest is how long one file may take.
	longest = 5 * time.Minute
	// mostPercent is how much of the memory in use may be left behind meanwhile, per cent.
	mostPercent = 60
	// niceness is that of the threads that make files: live views come first.
	niceness = 10
)

// State says how a job is.
type State string

// The states of a job.
const (
	Queued    State = "queued"
	Running   State = "running"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Progress is how far a job is.
type Progress struct {
	ID    string `json:"id"`
	State State  `json:"state"`
	// Done of Of steps are done; Of is 0 before it begins.
	Done int `json:"done"`
	Of   int `json:"of"`
	// Ahead is how many jobs are before it, while it is queued.
	Ahead int `json:"ahead,omitempty"`
	// Error says why it failed.
	Error string `json:"error,omitempty"`
	// Name, Bytes and Code are the file's, when it is done.
	Name  string `json:"name,omitempty"`
	Bytes int    `json:"bytes,omitempty"`
	Code  string `json:"code,omitempty"`
}

// work makes a file and says how far it is.
type work func(ctx context.Context, step func(done, of int)) (*File, error)

// Job is a file that is being made.
type Job struct {
	queue  *queue
	id     string
	work   work
	ctx    context.Context
	cancel context.CancelFunc
	ended  chan struct{}

	// Under the queue's lock.
	state    State
	done, of int
	err      error
	file     *File
	at       time.Time // when it ended
}

// queue makes files one after the other, a few at a time. It bounds what waits, what is
// worked on, and what is kept.
type queue struct {
	now  func() time.Time
	most int
	ctx  context.Context
	stop context.CancelFunc
	wg   sync.WaitGroup

	mu      sync.Mutex
	wake    *sync.Cond
	waiting []*Job
	jobs    map[string]*Job
	working int // how many are made now
	percent int // that of the garbage collector while none is
	closed  bool
}

func newQueue(workers, most int, now func() time.Time) *queue {
	if workers == 0 {
		workers = max(runtime.GOMAXPROCS(0)-1, 1)
	}
	if most == 0 {
		most = queued
	}
	ctx, stop := context.WithCancel(context.Background())
	q := &queue{now: now, most: most, ctx: ctx, stop: stop, jobs: map[string]*Job{}}
	q.wake = sync.NewCond(&q.mu)
	for range workers {
		q.wg.Go(q.run)
	}
	return q
}

func (q *queue) close() {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.stop()
	q.wake.Broadcast()
	q.wg.Wait()
}

// submit queues work, or says that too much waits.
func (q *queue) submit(w work) (*Job, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.forget()
	if q.closed || len(q.waiting) >= q.most {
		return nil, refuse("busy", "%d exports wait already: ask again in a moment", len(q.waiting))
	}
	j := &Job{queue: q, id: uuid.NewString(), work: w, ended: make(chan struct{}), state: Queued}
	j.ctx, j.cancel = context.WithTimeout(q.ctx, longest)
	q.jobs[j.id] = j
	q.waiting = append(q.waiting, j)
	q.wake.Signal()
	return j, nil
}

func (q *queue) find(id string) *Job {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.forget()
	return q.jobs[id]
}

// forget drops what has ended: what is old, and the oldest of too much.
func (q *queue) forget() {
	var ended []*Job
	for _, j := range q.jobs {
		if !j.at.IsZero() {
			ended = append(ended, j)
		}
	}
	slices.SortFunc(ended, func(a, b *Job) int { return b.at.Compare(a.at) })
	bytes := 0
	for i, j := range ended {
		if j.file != nil {
			bytes += len(j.file.Body)
		}
		if q.now().Sub(j.at) > keptFor || bytes > keptBytes && i > 0 || i >= 4*queued {
			delete(q.jobs, j.id)
		}
	}
}

// run makes files on a thread of its own that others go before.
func (q *queue) run() {
	runtime.LockOSThread() // it ends with its thread
	// Where the system does not let it, files are made at the priority of all else.
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), niceness)
	for {
		q.mu.Lock()
		for len(q.waiting) == 0 && !q.closed {
			q.wake.Wait()
		}
		if q.closed {
			for _, j := range q.waiting {
				q.end(j, nil, context.Canceled)
			}
			q.waiting = nil
			q.mu.Unlock()
			return
		}
		j := q.waiting[0]
		q.waiting = q.waiting[1:]
		j.state = Running
		q.begin()
		q.mu.Unlock()
		file, err := j.make()
		q.mu.Lock()
		q.end(j, file, err)
		if q.working--; q.working == 0 {
			debug.SetGCPercent(q.percent)
		}
		q.mu.Unlock()
	}
}

// begin keeps memory in bounds while files are made, which leave much behind: what the
// aggregator saves by letting it grow to several times its size would be spent on them.
func (q *queue) begin() {
	if q.working++; q.working > 1 {
		return
	}
	if q.percent = debug.SetGCPercent(mostPercent); q.percent < mostPercent {
		debug.SetGCPercent(q.percent)
	}
}

// make does the work; what panics is a fault of that one file.
func (j *Job) make() (file *File, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("export: panic: %v", v)
		}
	}()
	if err := j.ctx.Err(); err != nil {
		return nil, err
	}
	return j.work(j.ctx, func(done, of int) {
		j.queue.mu.Lock()
		defer j.queue.mu.Unlock()
		j.done, j.of = done, of
	})
}

// end notes how a job ended. It is called under the lock.
func (q *queue) end(j *Job, file *File, err error) {
	if !j.at.IsZero() {
		return
	}
	j.file, j.err, j.at, j.state = file, err, q.now(), Done
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		j.state, j.err = Failed, fmt.Errorf("export: not done within %s", longest)
	case errors.Is(err, context.Canceled) || err != nil && j.ctx.Err() != nil:
		j.state = Cancelled
	case err != nil:
		j.state = Failed
	}
	j.cancel()
	j.work = nil // what it holds of the batch
	close(j.ended)
}

// ID names the job.
func (j *Job) ID() string { return j.id }

// Cancel ends the job, whether it has begun or not.
func (j *Job) Cancel() {
	j.cancel()
	j.queue.mu.Lock()
	defer j.queue.mu.Unlock()
	if i := slices.Index(j.queue.waiting, j); i >= 0 {
		j.queue.waiting = slices.Delete(j.queue.waiting, i, i+1)
		j.queue.end(j, nil, context.Canceled)
	}
}

// Progress says how far the job is.
func (j *Job) Progress() Progress {
	j.queue.mu.Lock()
	defer j.queue.mu.Unlock()
	p := Progress{ID: j.id, State: j.state, Done: j.done, Of: j.of}
	if j.state == Queued {
		p.Ahead = slices.Index(j.queue.waiting, j)
	}
	if j.err != nil {
		p.Error = j.err.Error()
	}
	if j.file != nil {
		p.Name, p.Bytes, p.Code, p.Done = j.file.Name, len(j.file.Body), j.file.Code, j.of
	}
	return p
}

// Wait waits for the file; when ctx ends first, the job is cancelled.
func (j *Job) Wait(ctx context.Context) (*File, error) {
	select {
	case <-j.ended:
	case <-ctx.Done():
		j.Cancel()
		return nil, ctx.Err()
	}
	j.queue.mu.Lock()
	defer j.queue.mu.Unlock()
	return j.file, j.err
}
