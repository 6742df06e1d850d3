package aggregator

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// What a look beside the computing finds sends a batch back only where the last was
// calm: who never pauses is not waited for, until a look finds calm.
func TestALookBesideTheComputingWaitsForCalmOnlyWhereThereIsSome(t *testing.T) {
	at := func(block int64) map[string]warehouse.Fingerprint {
		return map[string]warehouse.Fingerprint{"households": {LastBlock: block}, "visits": {LastBlock: 7}}
	}
	a := New(Options{Catalogue: &queries.Catalogue{}})
	a.tables = []string{"households", "visits"}
	for _, step := range []struct {
		pace   pace
		calm   int   // batches in a row before in which nothing moved
		finds  int64 // the last block of households, of which 1 was taken
		again  []string
		leaves pace
	}{
		{paceCalm, 3, 1, nil, paceCalm},
		{paceCalm, 3, 2, []string{"households"}, paceUnknown},
		{paceBusy, 0, 2, nil, paceBusy},
		{paceBusy, 0, 1, nil, paceUnknown},
		{paceBusy, 2, 1, nil, paceCalm},
	} {
		a.done, a.pace, a.calm = at(1), step.pace, step.calm
		again := a.found(look{states: at(step.finds)})
		if diff := cmp.Diff(step.again, again); diff != "" || a.pace != step.leaves {
			t.Errorf("%+v: pace %d, takes again %q", step, a.pace, again)
		}
	}
}

func TestOnlyThoseWhoNeverPauseAreSeldomLookedAt(t *testing.T) {
	a := New(Options{Catalogue: &queries.Catalogue{}})
	for _, c := range []struct {
		pace pace
		want int // looks of 8 batches
	}{{paceCalm, 8}, {paceBusy, 8 / looksWhenBusy}, {paceCalm, 8}} {
		a.pace = c.pace
		looks := 0
		for range 8 {
			if a.looks() {
				looks++
			}
		}
		if looks != c.want {
			t.Errorf("pace %d: %d looks of 8 batches, want %d", c.pace, looks, c.want)
		}
	}
}
