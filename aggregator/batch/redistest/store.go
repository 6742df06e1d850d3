package redistest

import (
	"testing"

	"liaowang/aggregator/batch"
)

// Local starts a Redis within this process; it ends with the test.
func Local(tb testing.TB) *batch.Local {
	tb.Helper()
	l, err := batch.StartLocal()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(l.Close)
	return l
}

// Store opens the store of the province 460000 in the Redis at a URL; its connections end
// with the test.
func Store(tb testing.TB, url string) *batch.Store {
	tb.Helper()
	client, err := batch.Connect(url)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { client.Close() })
	return batch.NewStore(client, "460000")
}
