package web

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"liaowang/aggregator/batch"
	"liaowang/queries"
	"liaowang/queries/warehouse"
)

// Record gives back batches that were shown; a *warehouse.Warehouse is one. Its errors
// wrap those of package warehouse, or say that it cannot be read now.
type Record interface {
	Batch(ctx context.Context, number uint64, wall warehouse.BatchID) (*warehouse.Recorded, error)
	BatchAt(ctx context.Context, at time.Time, wall warehouse.BatchID) (*warehouse.Recorded, error)
	Frames(ctx context.Context, b *warehouse.Recorded, metric, region string) ([]warehouse.RecordedFrame, error)
	Days(ctx context.Context, metric, region string, from, until time.Time, number uint64) ([]warehouse.ShownDay, error)
	Reel(ctx context.Context, from, until time.Time, most int) ([]warehouse.ReelBatch, error)
}

const (
	// readers is how many requests may read the record at once. They query the
	// source that batches are made from, which comes first. A request counts until its
	// answer is written, so that what they hold in memory is bounded too.
	readers = 2
	// recalled is how many bytes of batches that were given back stay in memory.
	recalled = 64 << 20
	// queued is how many more requests of people may wait for their turn, and patience
	// for how long.
	queued   = 16
	patience = 5 * time.Second
)

// past is the record of batches as requests see it.
type past struct {
	record  Record
	slots   chan struct{}
	queue   chan struct{}
	recall  *recall
	refused func(err error)
}

func newPast(r Record, refused func(error)) *past {
	return &past{record: r, slots: make(chan struct{}, readers), queue: make(chan struct{}, queued), recall: newRecall(recalled), refused: refused}
}

// reading lets a few requests at a time in to next.
func (p *past) reading(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { p.read(w, r, 0, next) }
}

// waiting is reading for what a person looks at: some wait for their turn.
func (p *past) waiting(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case p.queue <- struct{}{}:
			// The place is kept until the answer is written.
			defer func() { <-p.queue }()
			p.read(w, r, patience, next)
		default:
			p.read(w, r, 0, next)
		}
	}
}

// turn marks the context of a request that has its turn already.
type turn struct{}

// read lets a request in when it has its turn within a time.
func (p *past) read(w http.ResponseWriter, r *http.Request, within time.Duration, next http.HandlerFunc) {
	if r.Context().Value(turn{}) != nil {
		next(w, r)
		return
	}
	if p.record == nil {
		writeError(w, http.StatusNotImplemented, "no_record", "this server does not read batches that were shown before: start liaowang serve with --clickhouse URL")
		return
	}
	if !p.takes(r.Context(), within) {
		w.Header().Set("Retry-After", "1")
		writeError(w, http.StatusTooManyRequests, "busy", fmt.Sprintf("%d requests read the record of batches already: ask again in a moment", readers))
		return
	}
	defer func() { <-p.slots }()
	next(w, r.WithContext(context.WithValue(warehouse.Crowded(r.Context()), turn{}, true)))
}

func (p *past) takes(ctx context.Context, within time.Duration) bool {
	select {
	case p.slots <- struct{}{}:
		return true
	default:
	}
	if within == 0 {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	select {
	case p.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// requestError is what is wrong with a question.
type requestError struct{ code, message string }

func (e *requestError) Error() string { return e.message }

// fail answers with what a batch cannot be given back for.
func (p *past) fail(w http.ResponseWriter, err error) {
	var asked *requestError
	switch {
	case errors.As(err, &asked):
		writeError(w, http.StatusBadRequest, asked.code, asked.message)
	case errors.Is(err, warehouse.ErrNotKept):
		writeError(w, http.StatusGone, "no_longer_kept", err.Error())
	case errors.Is(err, warehouse.ErrNeverShown):
		writeError(w, http.StatusNotFound, "never_shown", err.Error())
	case errors.Is(err, warehouse.ErrNotYet):
		writeError(w, http.StatusNotFound, "not_yet", err.Error())
	case errors.Is(err, warehouse.ErrNoBatch):
		writeError(w, http.StatusNotFound, "no_such_batch", err.Error())
	case errors.Is(err, warehouse.ErrBeforeFirst):
		writeError(w, http.StatusNotFound, "before_first", err.Error())
	default:
		p.refused(err)
		w.Header().Set("Retry-After", "5")
		writeError(w, http.StatusServiceUnavailable, "record_not_read", "the record of batches cannot be read now: ask again in a moment; the server's log says why")
	}
}

// find gives the batch with a number, or that of a moment.
func (s *server) find(ctx context.Context, number, at string) (*warehouse.Recorded, error) {
	var wall warehouse.BatchID
	if h, _ := s.Hub.Newest("", ""); h != nil {
		wall = warehouse.BatchID{Term: h.Term, Number: h.Number}
	}
	if number != "" && at != "" {
		return nil, &requestError{"two_batches", "batch and at were both given: name a batch by one of them"}
	}
	if number != "" {
		n, err := strconv.ParseUint(number, 10, 63)
		if err != nil || n == 0 {
			return nil, &requestError{"bad_number", fmt.Sprintf("batch %.40q: a number from 1 on is expected", number)}
		}
		return s.past.record.Batch(ctx, n, wall)
	}
	moment, err := parseMoment(at)
	if err != nil {
		return nil, err
	}
	if now := s.Now(); moment.After(now) {
		return nil, &requestError{"in_the_future", fmt.Sprintf("at %s: it is %s now", at, now.In(moment.Location()).Format(time.RFC3339))}
	}
	return s.past.record.BatchAt(ctx, moment, wall)
}

// parseMoment reads a time with a zone, or without one in Asia/Shanghai.
func parseMoment(at string) (time.Time, error) {
	// The + of a zone that was not written %2B arrives as a space.
	if t, err := time.Parse(time.RFC3339, strings.Replace(at, " ", "+", 1)); err == nil {
		return t, nil
	}
	if t, err := time.ParseInLocation("2006-01-02T15:04:05", at, batch.Hall); err == nil {
		return t, nil
	}
	return time.Time{}, &requestError{"bad_time", fmt.Sprintf("at %.60q: a time as 2026-03-14T09:30:00 (Asia/Shanghai) or 2026-03-14T01:30:00Z is expected", at)}
}

// frames gives the frames of a batch, from memory where they were given back lately.
func (p *past) frames(ctx context.Context, b *warehouse.Recorded, metric, region string) ([]warehouse.RecordedFrame, error) {
	all, ok := p.recall.get(b.BatchID)
	if !ok {
		frames, err := p.record.Frames(ctx, b, metric, region)
		if err == nil && metric == "" && region == "" {
			p.recall.put(b.BatchID, frames)
		}
		return frames, err
	}
	if metric == "" && region == "" {
		return all, nil
	}
	var some []warehouse.RecordedFrame
	for _, f := range all {
		if (metric == "" || f.Metric == metric) && (region == "" || f.Region == region) {
			some = append(some, f)
		}
	}
	return some, nil
}

// shownHeader says whether a batch was shown: yes, or unknown where Redis was lost
// before anybody could note it.
const shownHeader = "Liaowang-Shown"

func shownWord(b *warehouse.Recorded) string {
	if b.InDoubt {
		return "unknown"
	}
	return "yes"
}

// recordedBatch is the header of a batch that was shown, as it was published.
func (s *server) recordedBatch(w http.ResponseWriter, r *http.Request) {
	b, err := s.find(r.Context(), chi.URLParam(r, "number"), r.URL.Query().Get("at"))
	if err != nil {
		s.past.fail(w, err)
		return
	}
	h := w.Header()
	h.Set(shownHeader, shownWord(b))
	h.Set("Liaowang-Recorded-At", b.At.UTC().Format(time.RFC3339Nano))
	h.Set("Content-Location", fmt.Sprintf("/api/batch/%d", b.Number))
	writeJSON(w, http.StatusOK, json.RawMessage(b.Header))
}

// recordedFrames is everything that a batch showed, or what it showed of a metric or a
// region: {"batch": header, "shown": "yes", "recorded_at": …, "frames": […]}.
func (s *server) recordedFrames(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	b, err := s.find(r.Context(), chi.URLParam(r, "number"), q.Get("at"))
	var frames []warehouse.RecordedFrame
	if err == nil {
		frames, err = s.past.frames(r.Context(), b, q.Get("metric"), q.Get("region"))
	}
	if err != nil {
		s.past.fail(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Location", fmt.Sprintf("/api/batch/%d/frames", b.Number))
	// One frame after the other: together they are many megabytes. What cannot be
	// written is lost to a client that is gone.
	out := bufio.NewWriterSize(w, 64<<10)
	defer out.Flush()
	fmt.Fprintf(out, `{"batch":%s,"shown":%q,"recorded_at":%q,"frames":[`, b.Header, shownWord(b), b.At.UTC().Format(time.RFC3339Nano))
	for i, f := range frames {
		if i > 0 {
			out.WriteString(",\n")
		}
		body, err := json.Marshal(f)
		if err == nil {
			_, err = out.Write(body)
		}
		if err != nil {
			return
		}
	}
	out.WriteString("]}\n")
}

// recordedMetric is one metric for one region, as of a batch that was shown.
func (s *server) recordedMetric(w http.ResponseWriter, r *http.Request, m *queries.Metric, region string) {
	q := r.URL.Query()
	b, err := s.find(r.Context(), q.Get("batch"), q.Get("at"))
	var frames []warehouse.RecordedFrame
	if err == nil {
		frames, err = s.past.frames(r.Context(), b, m.ID, region)
	}
	var header batch.Header
	var rows [][]json.RawMessage
	if err == nil && len(frames) > 0 {
		err = cmp.Or(json.Unmarshal(b.Header, &header), json.Unmarshal(frames[0].Rows, &rows))
	}
	switch {
	case err != nil:
		s.past.fail(w, err)
		return
	case len(frames) == 0:
		writeError(w, http.StatusNotFound, "unknown_region", fmt.Sprintf("metric %s had no answer for region %s in batch %d", m.ID, region, b.Number))
		return
	}
	for _, row := range rows {
		if len(row) != len(m.Columns) {
			writeError(w, http.StatusGone, "other_columns", fmt.Sprintf("metric %s had other columns in batch %d: /api/batch/%d/frames?metric=%s gives its rows without them", m.ID, b.Number, b.Number, m.ID))
			return
		}
	}
	w.Header().Set(shownHeader, shownWord(b))
	writeJSON(w, http.StatusOK, frameAnswer{m.ID, region, header.Number, header.AsOf, header.Demo, m.Columns, frames[0].Rows})
}
