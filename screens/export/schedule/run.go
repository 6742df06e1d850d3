package schedule

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/queries/warehouse"
	"liaowang/screens/export"
)

const (
	// look is how often it is looked whether something is due.
	look = 15 * time.Second
	// mostTries is how often a delivery that fails is tried.
	mostTries = 6
	// claimed is how long a process has a delivery to itself: longer than one can take.
	claimed = 15 * time.Minute
)

// Runs keeps what was delivered; a *warehouse.Warehouse does.
type Runs interface {
	// BriefingRun gives the last state of a delivery; nil where it has not begun.
	BriefingRun(ctx context.Context, briefing string, due time.Time) (*warehouse.BriefingRun, error)
	RecordBriefingRun(ctx context.Context, r warehouse.BriefingRun) error
}

// Options of a Scheduler. All are needed but those that say otherwise.
type Options struct {
	Exports *export.Exporter
	// Files are the briefings and the calendar.
	Files fs.FS
	// Newest gives the newest batch; nil: there is none yet.
	Newest func() export.Batch
	// Region is that of scenes which name none.
	Region string
	Runs   Runs
	// Claim takes something for a while; false: another process has it.
	Claim func(ctx context.Context, name string, during time.Duration) (bool, error)
	// Verify is the address that a code is looked up at; empty: none is known.
	Verify string
	// Password gives that of a server by the name of its variable.
	Password func(variable string) string
	// Now is the clock.
	Now    func() time.Time
	Logger *slog.Logger
}

// Scheduler delivers briefings at their times.
type Scheduler struct {
	Options
	told string // what is wrong with files, said last
}

// New makes a scheduler.
func New(o Options) *Scheduler { return &Scheduler{Options: o} }

// Run delivers until ctx is done.
func (s *Scheduler) Run(ctx context.Context) error {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		s.Look(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Look delivers what is due now and has not been delivered.
func (s *Scheduler) Look(ctx context.Context) {
	// Whatever is wrong with one, the others are delivered.
	list, wrong := s.Exports.FileBriefings()
	calendar, err := ReadCalendar(s.Files)
	if err != nil {
		list = nil // on a day of rest nothing must go out
	}
	plans, faulty := Plans(list)
	err = errors.Join(wrong, err, faulty)
	words := ""
	if err != nil {
		words = err.Error()
	}
	if words != s.told {
		if s.told = words; words != "" {
			s.Logger.Error("briefings are not all delivered", "err", words)
		}
	}
	now := s.Now()
	for i := range plans {
		due := plans[i].due(now, calendar)
		if due.IsZero() || s.Newest() == nil {
			continue
		}
		if err := s.deliver(ctx, &plans[i], due.UTC()); err != nil && ctx.Err() == nil {
			s.Logger.Error("briefing not delivered", "briefing", plans[i].briefing.Name, "due", due, "err", err)
		}
	}
}

// deliver delivers one briefing, unless that is done, another does it, or it is not yet
// time to try again. The error is why it was not delivered.
func (s *Scheduler) deliver(ctx context.Context, p *plan, due time.Time) error {
	b := &p.briefing
	run, err := s.Runs.BriefingRun(ctx, b.Name, due)
	if err != nil || !open(run, s.Now()) {
		return err
	}
	tries := 0
	if run != nil {
		tries = run.Tries
	}
	got, err := s.Claim(ctx, fmt.Sprintf("briefing:%s:%d:%d", b.Name, due.Unix(), tries), claimed)
	if err != nil || !got {
		return err
	}
	// Who had the claim before may have noted something since.
	if again, err := s.Runs.BriefingRun(ctx, b.Name, due); err != nil || (again == nil) != (run == nil) || again != nil && *again != *run {
		return err
	}
	next := warehouse.BriefingRun{Briefing: b.Name, Due: due, Title: b.Title, Tries: tries + 1, At: s.Now().UTC(), State: warehouse.RunUnderWay, Target: target(b.Deliver)}
	if run != nil && run.State == warehouse.RunUnderWay && b.Deliver.Mail != nil {
		// Its process ended on the way. A file may be written twice, a letter not.
		next.State, next.Tries, next.Words = warehouse.RunDoubtful, tries, "发送时中断，可能已发出，不再重发"
		return s.Runs.RecordBriefingRun(ctx, next)
	}
	if err := s.Runs.RecordBriefingRun(ctx, next); err != nil {
		return err
	}
	code, err := s.send(ctx, b, due)
	next.At, next.Code, next.State = s.Now().UTC(), code, warehouse.RunDelivered
	var doubt *doubtError
	switch {
	case errors.As(err, &doubt):
		next.State, next.Words = warehouse.RunDoubtful, "可能已发出，不再重发："+err.Error()
	case err != nil:
		next.State, next.Words = warehouse.RunFailed, err.Error()
	}
	// It is noted even while the program ends: what was sent was sent.
	note, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return errors.Join(err, s.Runs.RecordBriefingRun(note, next))
}

// open says whether a delivery is to be tried now: after a failure later and later.
func open(run *warehouse.BriefingRun, now time.Time) bool {
	switch {
	case run == nil:
		return true
	case run.State == warehouse.RunUnderWay:
		return now.After(run.At.Add(claimed))
	case run.State == warehouse.RunFailed:
		return run.Tries < mostTries && now.After(run.At.Add(time.Minute<<(run.Tries-1)))
	}
	return false
}

// send makes the file and sends it.
func (s *Scheduler) send(ctx context.Context, b *export.Briefing, due time.Time) (code string, err error) {
	by := "定时 " + b.Name
	r := export.Request{Batch: s.Newest(), Title: b.Title, Format: b.Deliver.Format, By: by, Verify: s.Verify}
	for _, scene := range b.Scenes {
		if scene.Region == "" {
			scene.Region = s.Region
			if b.Deliver.Region != "" {
				scene.Region = b.Deliver.Region
			}
		}
		r.Scenes = append(r.Scenes, scene)
	}
	job, err := s.Exports.Submit(r)
	if err != nil {
		return "", err
	}
	file, err := job.Wait(ctx)
	if err != nil {
		return "", err
	}
	// The name is that of the time at which it was due: tried again, it is the same file.
	name := fmt.Sprintf("%s-%s.%s", b.Name, due.In(batch.Hall).Format("20060102-1504"), b.Deliver.Format)
	return file.Code, s.put(ctx, b, name, file)
}
