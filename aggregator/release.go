package aggregator

import (
	"fmt"
	"slices"
	"time"

	"liaowang/aggregator/batch"
	"liaowang/queries/warehouse"
)

// releases are what operators let pass, the newest first. A release is bound to its
// check, and where it names one to a region: whatever fails there is let pass until the
// release is over, also what the operator has not seen.
type releases []warehouse.HoldRelease

// end reports whether a release is over at to that was not at from.
func (r releases) end(from, to time.Time) bool {
	return slices.ContainsFunc(r, func(one warehouse.HoldRelease) bool { return one.Active(from) && !one.Active(to) })
}

// cover gives the releases by which a failing check is let pass: the newest for all of
// it, or else one for each failing region; nil when there are none, or not enough.
func (r releases) cover(k batch.Check, at time.Time) []batch.Release {
	if one := r.find(k.ID, "", at); one != nil {
		return []batch.Release{*one}
	}
	if k.Failed > len(k.Failures) {
		return nil // regions that the check does not name are not let pass by name
	}
	var all []batch.Release
	for _, f := range k.Failures {
		one := r.find(k.ID, f.Region, at)
		if one == nil {
			return nil
		}
		all = append(all, *one)
	}
	return all
}

func (r releases) find(check, region string, at time.Time) *batch.Release {
	i := slices.IndexFunc(r, func(one warehouse.HoldRelease) bool {
		return one.Check == check && one.Region == region && one.Active(at)
	})
	if i < 0 {
		return nil
	}
	one := &batch.Release{By: r[i].By, Since: r[i].At, Why: r[i].Why, Region: r[i].Region}
	if !r[i].Until.IsZero() {
		until := r[i].Until
		one.Until = &until
	}
	return one
}

// holdWords says in one line of Chinese what holds a batch back.
func holdWords(holds []batch.Hold) string {
	words := holds[0].Title + "：" + holds[0].Words
	if len(holds) > 1 {
		words += fmt.Sprintf("（共%d项勾稽不平）", len(holds))
	}
	return words
}
