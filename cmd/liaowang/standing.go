package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"liaowang/aggregator/batch"
)

// stages are in the order in which a batch goes through them.
var stages = []string{"cut", "views", "ask", "check", "disclose", "record", "publish", "total"}

// write tells a person at a terminal how the server is.
func (s *standing) write(out io.Writer) error {
	h := s.Health
	ago := func(t time.Time) string { return lasting(h.Time.Sub(t)) }
	rows := [][]string{{"server", s.URL}, {"shown", s.says()}}
	source := h.State
	if !h.Since.IsZero() {
		source += fmt.Sprintf(", since %s (%s)", hall(h.Since), ago(h.Since))
	}
	if h.Words != "" {
		source += ": " + h.Words
	}
	rows = append(rows, []string{"source", source})
	if b := s.Batch; b != nil {
		rows = append(rows, []string{"batch", fmt.Sprintf("%d of term %d%s", b.Number, b.Term, mark(b.Demo, ", 演示数据"))},
			[]string{"as of", fmt.Sprintf("%s, %s ago", hall(b.AsOf), ago(b.AsOf))})
	}
	if h.Verified != nil {
		rows = append(rows, []string{"verified", fmt.Sprintf("%s, %s ago: the data was then just what is shown", hall(*h.Verified), ago(*h.Verified))})
	}
	if h.Leader != "" {
		rows = append(rows, []string{"leader", h.Leader})
	}
	rows = append(rows, []string{"displays", fmt.Sprintf("%d on node %s", h.Displays, h.Node)})
	if h.Screens != "" {
		rows = append(rows, []string{"screens", "the last good ones are shown: " + strings.ReplaceAll(h.Screens, "\n", "; ")})
	}
	rows = append(rows, []string{"batches", fmt.Sprintf("%.1f a second", s.BatchesPerSecond)})
	if line := s.stages(); line != "" {
		rows = append(rows, []string{"last batch", line})
	}
	if s.Batch != nil {
		rows = append(rows, []string{"checks", counted(s.Batch.Checks)})
		if n := len(s.Batch.Failing); n > 0 {
			rows = append(rows, []string{"metrics", fmt.Sprintf("%d could not be asked: their figures are old", n)})
		}
	}
	if err := writeColumns(out, "", rows); err != nil {
		return err
	}
	if err := s.writeHolds(out); err != nil || s.Batch == nil {
		return err
	}
	if err := s.writeChecks(out); err != nil {
		return err
	}
	var failing [][]string
	for _, f := range s.Batch.Failing {
		failing = append(failing, []string{f.Metric, f.Title, f.Words, "since " + hall(f.Since)})
	}
	return section(out, "Metrics that could not be asked", failing)
}

// says is the verdict in words.
func (s *standing) says() string {
	words := map[string]string{
		verdictCurrent: "current",
		"held":         "HELD: the last good batch stays on the walls",
		"stale":        "STALE: nobody has compared it with the data for a while",
		"lost":         "OLD: ClickHouse gives no figures",
		"silent":       "OLD: no aggregator says anything",
		"store_lost":   "OLD: this server does not reach Redis",
		"no_batch":     "NOTHING: no batch has been published yet",
		"draining":     "the server is going away",
	}[s.Verdict]
	if words == "" {
		words = s.Verdict
	}
	return words + mark(!s.Ready, " (not ready)")
}

// writeHolds names what holds the next batch back, and what an operator can do.
func (s *standing) writeHolds(out io.Writer) error {
	var rows [][]string
	for _, k := range s.Health.Holds {
		rows = append(rows, []string{k.Check, k.Title, k.Words, regions(k.Failed)})
	}
	if err := section(out, "Held back by", rows); err != nil || len(rows) == 0 {
		return err
	}
	_, err := fmt.Fprintf(out, "  Correct the data, or let it pass: liaowang release %s --by NAME --why TEXT\n", s.Health.Holds[0].Check)
	return err
}

// writeChecks says what fails in the batch that is shown, and who let it pass.
func (s *standing) writeChecks(out io.Writer) error {
	var rows [][]string
	for _, k := range s.Batch.Checks {
		if k.OK {
			continue
		}
		policy := string(k.Policy)
		if k.Unknown {
			policy = "unknown"
		}
		rows = append(rows, []string{policy, k.ID, k.Title, k.Words, regions(k.Failed)})
		if k.Since != nil {
			row := &rows[len(rows)-1]
			*row = append(*row, "since "+hall(*k.Since))
		}
		for _, r := range k.Releases {
			rows = append(rows, []string{fmt.Sprintf("      released%s by %s at %s, %s: %s", of(r.Region), r.By, hall(r.Since), untilOf(r), r.Why)})
		}
	}
	return section(out, "Checks that fail in this batch", rows)
}

func untilOf(r batch.Release) string {
	if r.Until == nil {
		return until(time.Time{})
	}
	return until(*r.Until)
}

func section(out io.Writer, title string, rows [][]string) error {
	if len(rows) == 0 {
		return nil
	}
	if _, err := fmt.Fprintf(out, "\n%s\n", title); err != nil {
		return err
	}
	return writeColumns(out, "  ", rows)
}

func regions(n int) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 region"
	}
	return fmt.Sprintf("%d regions", n)
}

// counted says how many checks hold and how many do not.
func counted(checks []batch.Check) string {
	holds, fails, released, unknown := 0, 0, 0, 0
	for _, k := range checks {
		switch {
		case k.OK:
			holds++
		case k.Unknown:
			unknown++
		case len(k.Releases) > 0:
			released++
		default:
			fails++
		}
	}
	line := fmt.Sprintf("%d hold, %d fail", holds, fails)
	if released > 0 {
		line += fmt.Sprintf(", %d fail and are released", released)
	}
	if unknown > 0 {
		line += fmt.Sprintf(", %d could not be evaluated", unknown)
	}
	return line
}

// stages are the times of the last batch on one line.
func (s *standing) stages() string {
	var parts []string
	for _, name := range stages {
		if took, ok := s.Stages[name]; ok {
			parts = append(parts, name+" "+milliseconds(took))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	line := strings.Join(parts, ", ")
	if s.Slowest != nil {
		took, err := time.ParseDuration(s.Slowest.Took)
		if err == nil {
			line += fmt.Sprintf("; slowest metric lately %s %s", s.Slowest.Metric, milliseconds(took.Seconds()))
		}
	}
	return line
}

func milliseconds(seconds float64) string { return fmt.Sprintf("%.0f ms", 1000*seconds) }

// lasting writes how long something lasts in one or two units.
func lasting(d time.Duration) string {
	switch d = max(d, 0); {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours())/24)
}
