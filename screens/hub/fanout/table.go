package fanout

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Report is all that was measured.
type Report struct {
	// Frames is how many frames a batch changes on average.
	Frames   float64    `json:"frames_per_batch"`
	Cases    []Measured `json:"cases,omitempty"`
	Returned []Returned `json:"returned,omitempty"`
	Churned  []Churned  `json:"churned,omitempty"`
}

// Table writes the report for a person.
func (r Report) Table(w io.Writer) error {
	var b strings.Builder
	if len(r.Cases) > 0 {
		fmt.Fprintf(&b, "\nFrom publishing to the displays, milliseconds; a batch changes %.0f frames\n", r.Frames)
		fmt.Fprintf(&b, "%-22s %8s %5s %8s %7s %8s %8s %8s %8s %12s %13s %10s %10s\n", "server", "displays", "bad", "batch/s", "batches",
			"p50", "p99", "p99.9", "most", "CPU µs/deliv", "bytes/batch", "KB idle", "KB loaded")
		for _, m := range r.Cases {
			fmt.Fprintf(&b, "%-22s %8d %5d %8.3g %7d %8.1f %8.1f %8.1f %8.1f %12.1f %13.0f %10.1f %10.1f", m.System, m.Displays, m.Bad, m.Rate, m.Batches,
				ms(m.Heard.P50), ms(m.Heard.P99), ms(m.Heard.P999), ms(m.Heard.Most),
				float64(m.PerDelivered())/1e3, m.PerBatch(), float64(m.Idle)/1024, float64(m.Loaded)/1024)
			if n := m.Displays*m.Batches - m.Heard.Delivered; n > 0 {
				fmt.Fprintf(&b, "  %d overtaken by newer", n-m.Heard.Missing)
			}
			if m.Heard.Missing > 0 || m.Heard.Lost > 0 {
				fmt.Fprintf(&b, "  %d MISSING, %d connections lost", m.Heard.Missing, m.Heard.Lost)
			}
			if m.Beside > 0 {
				fmt.Fprintf(&b, "  beside %d exports; most memory %.0f MB", m.Beside, mb(m.Most))
			}
			if m.Spoilt.Displays > 0 {
				fmt.Fprintf(&b, "  bad ones cut off %d times", m.Spoilt.Cut)
			}
			fmt.Fprintln(&b)
		}
	}
	for _, m := range r.Returned {
		fmt.Fprintf(&b, "%-22s %d displays cut off at once: all current %.0f ms after the node takes connections again (its CPU %.0f ms, %d bytes to a display)\n",
			m.System, m.Displays, ms(m.Current), ms(m.CPU), m.Bytes)
	}
	for _, m := range r.Churned {
		fmt.Fprintf(&b, "%-22s %d displays came and went in %.1f s: goroutines %d → %d, displays %d → %d, live heap %.1f → %.1f MB, resident %.1f → %.1f MB\n",
			m.System, m.Times, m.Took.Seconds(), m.Before.Goroutines, m.After.Goroutines, m.Before.Displays, m.After.Displays,
			mb(m.Before.Heap), mb(m.After.Heap), mb(m.Before.Resident), mb(m.After.Resident))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func mb(n int64) float64 { return float64(n) / (1 << 20) }
