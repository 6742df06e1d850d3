// Package batch defines what travels from the aggregator to the hub: a batch of
// frames computed from one cut of the data, and its form in Redis, which both
// sides share.
//
//	store := batch.NewStore(client, "460000")
//	lease, err := store.Acquire(ctx, "hall_1", run, floor, 3*time.Second)
//	err = store.Publish(ctx, lease, header, base, frames, before) // aggregator: one atomic step
//	snapshot, err := store.LoadOnto(ctx, since, held)             // hub: header and what changed since
package batch

import "time"

// Hall is the zone of the hall: of its days, and of the times that people read. It has no
// summer time.
var Hall = time.FixedZone("Asia/Shanghai", 8*60*60)

// Header describes a batch: where it stands, what it was cut from, and what the
// checks say of it.
type Header struct {
	// History identifies the database that numbers belong to. Numbers of two
	// histories cannot be compared.
	History string `json:"history"`
	// Term grows with every change of leader, Number with every batch. Number
	// alone orders batches; it never goes back, also not when Redis is emptied.
	Term   uint64 `json:"term"`
	Number uint64 `json:"batch"`
	// AsOf is the moment of the cut, UTC.
	AsOf time.Time `json:"as_of"`
	// Demo says that rows of the demo province are among the data.
	Demo bool `json:"demo"`
	// LeastCell is the least number of households that is shown: smaller ones are
	// suppressed, and what would give them away. 1 where nothing is.
	LeastCell int     `json:"least_cell"`
	Checks    []Check `json:"checks"`
	// Failing are the metrics that could not be asked: their frames are those of an
	// earlier batch, or have no numbers where there never were any.
	Failing []Failing `json:"failing,omitempty"`
}

// Failing is a metric that could not be asked.
type Failing struct {
	Metric string `json:"metric"`
	Title  string `json:"title"`
	// Since is the as_of of the first batch that it is missing in.
	Since time.Time `json:"since"`
	// Words says in one line of Chinese why.
	Words string `json:"words"`
}

// Policy says what a failed check means for its batch.
type Policy string

// The policies of a check.
const (
	PolicyNote Policy = "note" // shown in words
	PolicyWarn Policy = "warn" // shown as a warning
	PolicyHold Policy = "hold" // the last good batch stays on the wall
)

// Check is the result of one identity in one batch.
type Check struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Policy Policy `json:"policy"`
	OK     bool   `json:"ok"`
	// Unknown says that the check could not be evaluated: it neither holds nor fails,
	// OK is false, and Words says why.
	Unknown bool `json:"unknown,omitempty"`
	// Since is the as_of of the batch from which on it has not held in any; nil when it
	// holds. It does not begin anew with another leader.
	Since *time.Time `json:"since,omitempty"`
	// Words says in one line of Chinese what does not hold for the widest
	// failing region ("不平, 差1户2人"); empty when the check holds.
	Words string `json:"words,omitempty"`
	// Failures are the failing regions, widest first, at most MostFailures of them.
	Failures []Failure `json:"failures,omitempty"`
	// Failed is how many regions fail.
	Failed int `json:"failed,omitempty"`
	// Releases are why a batch was published although this check of PolicyHold fails in
	// it: operators let it pass. Its figures are those that were found.
	Releases []Release `json:"releases,omitempty"`
}

// Release is an operator's word that lets a failing check of PolicyHold pass.
type Release struct {
	By string `json:"by"`
	// Since is when it was given, UTC.
	Since time.Time `json:"since"`
	// Until is when it is over by itself; nil: not before it is revoked.
	Until *time.Time `json:"until,omitempty"`
	Why   string     `json:"why"`
	// Region is the failing region that is let pass; empty: whatever fails.
	Region string `json:"region,omitempty"`
}

// MostFailures bounds the failures of a check that a header tells of: a check may
// fail in hundreds of regions, and every display gets the header.
const MostFailures = 20

// Fail notes a failing region, the widest first.
func (c *Check) Fail(f Failure) {
	if c.Failed++; c.Failed == 1 {
		c.OK, c.Words = false, f.Words
	}
	if len(c.Failures) < MostFailures {
		c.Failures = append(c.Failures, f)
	}
}

// Failure is one region in which a check does not hold.
type Failure struct {
	Region string `json:"region"`
	Words  string `json:"words"`
	// Expected and Actual are the two sides of the identity; both 0 where they
	// are suppressed.
	Expected   float64 `json:"expected"`
	Actual     float64 `json:"actual"`
	Suppressed bool    `json:"suppressed,omitempty"`
}

// SourceState says how the aggregator finds its data.
type SourceState string

// The states of the source.
const (
	SourceOK   SourceState = "ok"
	SourceLost SourceState = "lost" // ClickHouse does not answer, or not with figures
	SourceHeld SourceState = "held" // a check holds the last good batch
)

// Status is what the aggregator says of itself between batches. It expires in
// Redis: an aggregator that says nothing is seen to say nothing.
type Status struct {
	Node   string      `json:"node"`
	Term   uint64      `json:"term"`
	Source SourceState `json:"source"`
	// Since is when Source took its present value.
	Since time.Time `json:"since"`
	// Verified is when the data was last seen to be just what the published
	// batch shows.
	Verified time.Time `json:"verified"`
	// Words says in one line of Chinese what is wrong; empty when nothing is.
	Words string `json:"words,omitempty"`
	// Holds are the checks that hold the batch back while Source is SourceHeld.
	Holds []Hold `json:"holds,omitempty"`
}

// Hold is a check that holds a batch back. The batch is on no wall, so that only this
// says what fails in it.
type Hold struct {
	Check string `json:"check"`
	Title string `json:"title"`
	Words string `json:"words"`
	// Failed is how many regions fail.
	Failed int `json:"failed"`
}
