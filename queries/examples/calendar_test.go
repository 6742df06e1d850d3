package examples

import (
	"strings"

	"github.com/google/go-cmp/cmp"
)

// none says that the metrics return nothing at all.
func (x *world) none(metrics ...string) {
	x.t.Helper()
	for _, id := range metrics {
		x.answers(id)
	}
}

// inOrder compares the rows of one region, in their order.
func (x *world) inOrder(metric, scope string, want ...string) {
	x.t.Helper()
	if diff := cmp.Diff(want, x.rows(metric, scope)); diff != "" {
		x.t.Errorf("%s of %s (-want +got):\n%s", metric, scope, diff)
	}
}

// calendar compares n rows of one region, from day first to day last: those of
// events as they are given, all others with zeros.
func (x *world) calendar(metric, scope string, n int, first, last, zeros string, events ...string) {
	x.t.Helper()
	got := x.rows(metric, scope)
	if len(got) != n || !strings.HasPrefix(got[0], first) || !strings.HasPrefix(got[n-1], last) {
		x.t.Fatalf("%s of %s: %d rows from %s to %s are expected, got %q", metric, scope, n, first, last, got)
	}
	var busy []string
	for i, row := range got {
		if i > 0 && row[:10] <= got[i-1][:10] {
			x.t.Errorf("%s of %s: %q follows %q", metric, scope, row, got[i-1])
		}
		if row[10:] != zeros {
			busy = append(busy, row)
		}
	}
	if diff := cmp.Diff(events, busy); diff != "" {
		x.t.Errorf("%s of %s (-want +got):\n%s", metric, scope, diff)
	}
}

// quiet says that the metric has n rows of zeros for each region, and none for
// 三沙市, where it does not apply.
func (x *world) quiet(metric string, n int, first, last, zeros string) {
	x.t.Helper()
	for _, scope := range []string{province, haikou, nada} {
		x.calendar(metric, scope, n, first, last, zeros)
	}
	x.inOrder(metric, sansha)
}
