package engine

import (
	"testing"
	"time"
)

// Rows that came with a request are told of, also after the child was replaced; what
// only reads is not, and one call may tell of several requests.
func TestStoredRowsAreToldOf(t *testing.T) {
	told := make(chan struct{}, 1)
	c := testConfig(t, t.TempDir())
	c.OnStored = func() {
		select {
		case told <- struct{}{}:
		default:
		}
	}
	p := startEngine(t, c)
	post(t, p, "CREATE TABLE kept (a UInt32) ENGINE = MergeTree ORDER BY a").want(t, "")
	for range 50 {
		post(t, p, "SELECT count() FROM kept")
	}
	select {
	case <-told:
		t.Fatal("nothing was stored, and yet told of")
	default:
	}
	for range 3 {
		post(t, p, "INSERT INTO kept FORMAT CSV\n1\n2\n").want(t, "")
		select {
		case <-told:
		case <-time.After(time.Minute):
			t.Fatal("two rows were stored and nobody was told")
		}
	}
}
