package export

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// held is work that says that it has begun and ends when it is let go.
func held() (w work, begun, let chan struct{}) {
	begun, let = make(chan struct{}), make(chan struct{})
	return func(ctx context.Context, step func(done, of int)) (*File, error) {
		step(1, 3)
		close(begun)
		select {
		case <-let:
			return &File{Name: "a.csv", Body: []byte("a"), Code: "c"}, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}, begun, let
}

func submitted(t *testing.T, q *queue, w work) *Job {
	t.Helper()
	j, err := q.submit(w)
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestTheQueueIsBoundedAndSaysHowFarItIs(t *testing.T) {
	q := newQueue(1, 2, time.Now)
	defer q.close()
	w, begun, let := held()
	first := submitted(t, q, w)
	<-begun
	next, _, _ := held()
	second, third := submitted(t, q, next), submitted(t, q, next)
	if _, err := q.submit(next); errorCode(err) != "busy" {
		t.Errorf("one more than may wait: %v", err)
	}
	if p := first.Progress(); p.State != Running || p.Done != 1 || p.Of != 3 {
		t.Errorf("while it is made: %+v", p)
	}
	if p := third.Progress(); p.State != Queued || p.Ahead != 1 {
		t.Errorf("while it waits: %+v", p)
	}
	// What is cancelled makes room at once, whether it has begun or not.
	second.Cancel()
	if p := second.Progress(); p.State != Cancelled {
		t.Errorf("cancelled: %+v", p)
	}
	fourth := submitted(t, q, func(context.Context, func(int, int)) (*File, error) { panic("a fault") })
	close(let)
	if file, err := first.Wait(t.Context()); err != nil || file.Name != "a.csv" {
		t.Errorf("the file: %+v %v", file, err)
	}
	if p := q.find(first.ID()).Progress(); p.State != Done || p.Bytes != 1 || p.Code != "c" {
		t.Errorf("when it is done: %+v", p)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := third.Wait(gone); !errors.Is(err, context.Canceled) {
		t.Errorf("who asked is gone: %v", err)
	}
	if _, err := fourth.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "a fault") {
		t.Errorf("a fault in one file is that file's: %v", err)
	}
}

func TestFilesAreNotKeptForGood(t *testing.T) {
	now := time.Unix(1_790_000_000, 0)
	q := newQueue(1, 2, func() time.Time { return now })
	defer q.close()
	large := func(context.Context, func(int, int)) (*File, error) {
		return &File{Body: make([]byte, keptBytes*2/3)}, nil
	}
	var jobs []*Job
	for range 2 {
		j := submitted(t, q, large)
		if _, err := j.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, j)
		now = now.Add(time.Second)
	}
	if q.find(jobs[0].ID()) != nil || q.find(jobs[1].ID()) == nil {
		t.Error("two files that are too large together are not the newer one")
	}
	now = now.Add(keptFor + time.Second)
	if q.find(jobs[1].ID()) != nil {
		t.Error("an old file is still kept")
	}
}

func errorCode(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestNoTextOfDataIsAFormula(t *testing.T) {
	for text, want := range map[string]string{
		"=1+1": "'=1+1", "+86": "'+86", "-x": "'-x", "@sum": "'@sum", "\t=1": "'\t=1", "＝1": "'＝1", "海口": "海口", "＊": "＊", "": "",
	} {
		if got := guarded(text); got != want {
			t.Errorf("%q is written %q, not %q", text, got, want)
		}
	}
}

func TestACodeIsReadAsPeopleTypeIt(t *testing.T) {
	code, err := newCode(strings.NewReader("\x01\x23\x45\x67\x89\xab\xcd\xef"))
	if err != nil || ReadCode(code) != code {
		t.Fatalf("%q %v", code, err)
	}
	if got := ReadCode(strings.ToLower(strings.ReplaceAll(code, "-", " "))); got != code {
		t.Errorf("%s in small letters is %q", code, got)
	}
	for _, text := range []string{"", "1234", "not-a-code-at-all", "7Q2M-XK04-9TBU"} {
		if got := ReadCode(text); got != "" {
			t.Errorf("%q is read as %q", text, got)
		}
	}
}
