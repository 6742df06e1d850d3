package fresh

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// Options say what is measured. All but Load, Block, Kinds and Reader are needed.
type Options struct {
	Warehouse *warehouse.Warehouse
	Store     *batch.Store
	Catalogue *queries.Catalogue
	Province  string
	// Changes is how many rows are inserted and waited for, one after the other.
	Changes int
	// Pause lies between a batch and the next change, so that the least gap between
	// two batches is over.
	Pause time.Duration
	// Load is how many rows a second others change meanwhile: half of them are new
	// versions of households, half are visits.
	Load int
	// Block is how many of them one insert holds. Default: DefaultBlock.
	Block int
	// Kinds are the kinds of change that are taken in turn. Default: all.
	Kinds []string
	// Reader waits for the changes. Default: one that reads the store.
	Reader Reader
	Now    func() time.Time
	// Cost reads what has been spent so far: statements asked of ClickHouse and
	// seconds of its processor and of this process's.
	Cost func() Cost
}

// Cost is what has been spent.
type Cost struct {
	Statements uint64        `json:"statements"`
	Engine     time.Duration `json:"engine_cpu_ns"` // 0 where it is not known
	Process    time.Duration `json:"process_cpu_ns"`
	Batches    uint64        `json:"batches"`
	Metrics    uint64        `json:"metrics"`
	// Stages is the time that batches took, by stage, and "total".
	Stages map[string]time.Duration `json:"stages_ns"`
}

// Plus adds what was spent.
func (c Cost) Plus(o Cost) Cost { return c.with(o, 1) }

// Less is what was spent since o.
func (c Cost) Less(o Cost) Cost {
	return c.with(o, -1)
}

func (c Cost) with(o Cost, sign int64) Cost {
	out := Cost{
		Statements: c.Statements + uint64(sign)*o.Statements, Batches: c.Batches + uint64(sign)*o.Batches, Metrics: c.Metrics + uint64(sign)*o.Metrics,
		Engine: c.Engine + time.Duration(sign)*o.Engine, Process: c.Process + time.Duration(sign)*o.Process, Stages: map[string]time.Duration{},
	}
	for stage, took := range c.Stages {
		out.Stages[stage] = took
	}
	for stage, took := range o.Stages {
		out.Stages[stage] += time.Duration(sign) * took
	}
	return out
}

// Times are how long changes took until they could be read, sorted.
type Times []time.Duration

// At is the time that a share of the changes did not exceed; 0 of none.
func (t Times) At(share float64) time.Duration {
	if len(t) == 0 {
		return 0
	}
	return t[min(int(share*float64(len(t))), len(t)-1)]
}

// Report is what was measured.
type Report struct {
	// All are the times of all changes, Kinds by the kind of change.
	All   Times            `json:"all_ns"`
	Kinds map[string]Times `json:"kinds_ns"`
	// Spent per kind of change, without load.
	Spent map[string]Cost `json:"spent"`
	Total Cost            `json:"total"`
	Took  time.Duration   `json:"took_ns"`
	// Loaded is how many rows others have changed.
	Loaded int `json:"loaded"`
}

// deadline is when a change that no batch shows is given up.
const deadline = time.Minute

// Run inserts changes, one after the other, and waits for the batch of each. An
// aggregator must be running on the same database and store.
func Run(ctx context.Context, o Options) (Report, error) {
	report := Report{Kinds: map[string]Times{}, Spent: map[string]Cost{}}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	r := o.Reader
	if r == nil {
		r = &reader{store: o.Store, catalogue: o.Catalogue, province: o.Province, news: o.Store.News(ctx), frames: map[batch.Key]*batch.Frame{}}
	}
	village, err := someVillage(ctx, o.Warehouse)
	if err != nil {
		return report, err
	}
	p := newProber(o.Warehouse.Conn(), village, o.Now)
	var loader *loader
	if o.Load > 0 {
		if loader, err = newLoader(ctx, o); err != nil {
			return report, err
		}
		go loader.run(ctx)
	}
	for begun := o.Now(); ; {
		there, err := r.Read(ctx)
		if err != nil {
			return report, err
		}
		if there {
			break
		}
		if err := wait(ctx, r.News(), begun.Add(deadline)); err != nil {
			return report, fmt.Errorf("waiting for a first batch: %w", err)
		}
	}
	begun, before := o.Now(), o.Cost()
	kinds := changes()
	if o.Kinds != nil {
		kinds = slices.DeleteFunc(kinds, func(k change) bool { return !slices.Contains(o.Kinds, k.name) })
	}
	if o.Load > 0 {
		// The load visits households, too.
		kinds = slices.DeleteFunc(kinds, func(k change) bool { return k.metric == "visits.by_year" })
	}
	for i := range o.Changes {
		k := kinds[i%len(kinds)]
		if err := pause(ctx, o.Pause); err != nil {
			return report, err
		}
		spent := o.Cost()
		took, err := probe(ctx, k, o, p, r)
		if err != nil {
			return report, fmt.Errorf("change %d, %s: %w", i+1, k.name, err)
		}
		report.All = append(report.All, took)
		report.Kinds[k.name] = append(report.Kinds[k.name], took)
		if o.Load == 0 {
			if err := pause(ctx, o.Pause); err != nil { // what the batch leaves to be done
				return report, err
			}
			report.Spent[k.name] = report.Spent[k.name].Plus(o.Cost().Less(spent))
		}
	}
	report.Took, report.Total = o.Now().Sub(begun), o.Cost().Less(before)
	slices.Sort(report.All)
	for _, times := range report.Kinds {
		slices.Sort(times)
	}
	if loader != nil {
		stop()
		report.Loaded, err = loader.end()
	}
	return report, err
}

// probe makes one change and waits until the reader's figure shows it.
func probe(ctx context.Context, k change, o Options, p *prober, r Reader) (time.Duration, error) {
	if _, err := r.Read(ctx); err != nil {
		return 0, err
	}
	was, err := r.Sum(k.metric, k.column)
	if err != nil {
		return 0, err
	}
	if err := k.insert(ctx, p); err != nil {
		return 0, err
	}
	inserted := o.Now()
	for {
		if _, err := r.Read(ctx); err != nil {
			return 0, err
		}
		is, err := r.Sum(k.metric, k.column)
		if err != nil {
			return 0, err
		}
		if is > was {
			return o.Now().Sub(inserted), nil
		}
		if err := wait(ctx, r.News(), inserted.Add(deadline)); err != nil {
			return 0, fmt.Errorf("%s of %s stays %v: %w", k.column, k.metric, was, err)
		}
	}
}

var errNoBatch = errors.New("no batch has shown it within a minute")

// wait waits for a hint. One may be lost, so not for long.
func wait(ctx context.Context, hints <-chan struct{}, until time.Time) error {
	if time.Now().After(until) {
		return errNoBatch
	}
	select {
	case <-hints:
	case <-time.After(100 * time.Millisecond):
	case <-ctx.Done():
	}
	return ctx.Err()
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
	return ctx.Err()
}

// someVillage is one in which households are monitored.
func someVillage(ctx context.Context, w *warehouse.Warehouse) (village uint64, err error) {
	err = w.Conn().QueryRow(ctx, "SELECT max(village) FROM households FINAL WHERE state = 'monitored'").Scan(&village)
	if err == nil && village == 0 {
		err = errors.New("the database holds no monitored household: load a province first, for example with liaowang demo load --size full")
	}
	return village, err
}
