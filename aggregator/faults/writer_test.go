package faults_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const province = "460000"

// townships are those of the hand-made province, by the county that each lies in.
var townships = map[string]string{"460105100": "460100", "460105101": "460100", "469001100": "469001"}

// villages are one of each township.
var villages = []uint64{460105100001, 460105101001, 469001100001}

// regionRows is the tree. Forty further townships have nobody: of a frame that lists
// them, a few rows change, which travel as a delta.
const regionRows = `INSERT INTO regions (code, level, parent, name, applicable, version) VALUES
	(460000, 'province', 0, '海南省', true, 1),
	(460100, 'county', 460000, '海口市', true, 1), (469001, 'county', 460000, '五指山市', true, 1),
	(460105100, 'township', 460100, '长流镇', true, 1), (460105101, 'township', 460100, '西秀镇', true, 1), (469001100, 'township', 469001, '通什镇', true, 1)`

// moreRegionRows are the forty.
const moreRegionRows = `INSERT INTO regions (code, level, parent, name, applicable, version)
	SELECT 460106100 + number, 'township', 460100, concat('第', toString(number), '镇'), true, 1 FROM numbers(40)`

var types = []string{"unstable_lifted", "marginal_poor", "sudden_hardship"}

// households writes the k-th state of twelve households, four a township, in one insert:
// how many persons each has and how many of them are eliminated is the same everywhere,
// so that every frame of a batch tells which state it is of.
func households(ctx context.Context, conn driver.Conn, k uint64) error {
	insert, err := conn.PrepareBatch(ctx, "INSERT INTO households (household, village, type, causes, persons, state, recognised_at, version)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for i := range uint64(12) {
		n := i / 3 // within its township
		state := "monitored"
		if n < eliminated(k) {
			state = "eliminated"
		}
		if err := insert.Append(i, villages[i%3], types[(n+k)%3], []string{"illness"}, uint8(persons(k)), state, time.Unix(1_600_000_000, 0), k+1); err != nil {
			return err
		}
	}
	return insert.Send()
}

func persons(k uint64) uint64    { return 1 + k%30 }
func eliminated(k uint64) uint64 { return k / 30 % 5 }

// assets writes the k-th state of nine assets, one of each class a township: each is
// worth k yuan, so that a batch that shows older data than one before is seen.
func assets(ctx context.Context, conn driver.Conn, k uint64) error {
	insert, err := conn.PrepareBatch(ctx, "INSERT INTO assets (asset, village, class, original_value, net_value, state, registered_at, version)")
	if err != nil {
		return err
	}
	defer insert.Close()
	for i := range uint64(9) {
		class := []string{"public_welfare", "operating", "household"}[i/3]
		if err := insert.Append(i, villages[i%3], class, 1000+k, k, "in_use", time.Unix(1_600_000_000, 0), k+1); err != nil {
			return err
		}
	}
	return insert.Send()
}

// write writes states 1, 2, … as fast as pause lets it until ctx is done; a state whose
// insert fails is written until it is there. It returns the last one that is.
func write(ctx context.Context, t *testing.T, conn driver.Conn, pause time.Duration, state func(context.Context, driver.Conn, uint64) error) (k uint64) {
	for {
		for {
			// Not the test's context: what has been begun is finished.
			bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
			err := state(bounded, conn, k+1)
			cancel()
			if err == nil {
				k++
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		select {
		case <-ctx.Done():
			return k
		case <-time.After(pause):
		}
	}
}

// stateOf tests that all frames are of one state of the households and one of the
// assets, and gives the latter.
func stateOf(f frames) (k uint64, err error) {
	all := append([]string{province, "460100", "469001"}, keys(townships)...)
	total, gone := f.numbers("monitored.total", province), f.numbers("risk.eliminated", province)
	if len(total) != 2 || len(gone) != 2 || total[0] == 0 {
		return 0, fmt.Errorf("the province has %v households, %v eliminated", total, gone)
	}
	p, e := total[1]/total[0], gone[0]/total[0]*4 // persons a household, eliminated a township
	worth := f.numbers("assets.by_class", province)
	if len(worth) != 9 {
		return 0, fmt.Errorf("the province has the assets %v", worth)
	}
	value := worth[2] / 3
	for _, region := range all {
		n := 0. // townships
		for t, county := range townships {
			if region == t || region == county || region == province {
				n++
			}
		}
		for metric, want := range map[string][]float64{
			"monitored.total": {4 * n, 4 * n * p}, "risk.eliminated": {e * n, e * n * p}, "risk.remaining": {(4 - e) * n, (4 - e) * n * p},
			"assets.by_class": {n, n * (1000 + value), n * value, n, n * (1000 + value), n * value, n, n * (1000 + value), n * value},
		} {
			if got := f.numbers(metric, region); fmt.Sprint(got) != fmt.Sprint(want) {
				return 0, fmt.Errorf("%s of %s is %v, of the province's state it is %v", metric, region, got, want)
			}
		}
		// Of each type there are four households of three townships, in turn.
		sum := 0.
		for i, v := range f.numbers("monitored.by_type", region) {
			if i%2 == 0 {
				sum += v
			} else if households := f.numbers("monitored.by_type", region)[i-1]; v != households*p {
				return 0, fmt.Errorf("monitored.by_type of %s: %v persons in %v households of %v", region, v, households, p)
			}
		}
		if sum != 4*n {
			return 0, fmt.Errorf("monitored.by_type of %s: %v households, want %v", region, sum, 4*n)
		}
		if below := f.numbers("monitored.by_region", region); len(region) == 6 {
			sum := 0.
			for i := 1; i < len(below); i += 2 {
				sum += below[i]
			}
			if sum != 4*n*p {
				return 0, fmt.Errorf("monitored.by_region of %s: %v persons, want %v", region, sum, 4*n*p)
			}
		}
	}
	return uint64(value), nil
}
