package web_test

import (
	"context"
	"fmt"
	"image"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"liaowang/aggregator/batch"
	"liaowang/aggregator/batch/redistest"
	"liaowang/queries"
	"liaowang/screens"
	"liaowang/screens/browsertest"
	"liaowang/screens/hub"
	"liaowang/screens/web"
	"liaowang/static"
)

// patience ends only a test that fails.
const patience = 2 * time.Minute

// place is a hall's server, of which one version after the other runs at one address, over a
// store that goes on. Its hub's beat is short, so that nobody waits long for silence.
type place struct {
	t       testing.TB
	store   *batch.Store
	lease   batch.Lease
	address string
	number  uint64
	ahead   atomic.Int64 // how far its clock is ahead
	stop    func()
}

const beat = 400 * time.Millisecond

func newPlace(t testing.TB) *place {
	t.Helper()
	n := &place{t: t, store: redistest.Store(t, redistest.Local(t).URL()), address: "127.0.0.1:0"}
	var err error
	if n.lease, err = n.store.Acquire(t.Context(), "test", "run", batch.Floor{}, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := n.store.SetStatus(t.Context(), n.lease, batch.Status{Source: batch.SourceOK}, time.Hour, false); err != nil {
		t.Fatal(err)
	}
	n.publish()
	return n
}

// publish makes the next batch: so many households as its number says.
func (n *place) publish() {
	n.t.Helper()
	base := n.number
	n.number++
	h := shown(n.number)
	h.Term = n.lease.Term
	frames := []*batch.Frame{{Metric: "monitored.total", Region: "460000", Changed: n.number, Rows: [][]batch.Cell{{batch.Num(float64(1000 + n.number)), batch.Num(5000)}}}}
	if base == 0 {
		frames = append(frames, &batch.Frame{Metric: queries.RegionsMetric, Region: "460000", Changed: 1, Rows: [][]batch.Cell{
			{batch.Text("460000"), batch.Text("0"), batch.Text("province"), batch.Text("海南省"), batch.Num(1)},
			{batch.Text("460400"), batch.Text("460000"), batch.Text("county"), batch.Text("儋州市"), batch.Num(1)}}})
	}
	if err := n.store.Publish(n.t.Context(), n.lease, h, base, frames, nil); err != nil {
		n.t.Fatal(err)
	}
}

// serve begins a version: its build, and what browsers get of it.
func (n *place) serve(build string, files fs.FS) {
	n.t.Helper()
	cat, err := queries.Load()
	if err != nil {
		n.t.Fatal(err)
	}
	all, err := screens.Load(cat)
	if err != nil {
		n.t.Fatal(err)
	}
	h := hub.New(hub.Options{Store: n.store, Catalogue: cat, Screens: all, Province: "460000", Build: build, Beat: beat, Look: 20 * time.Millisecond,
		Now: func() time.Time { return time.Now().Add(time.Duration(n.ahead.Load())) }})
	handler, err := web.Handler(web.Options{Hub: h, Catalogue: cat, Province: "460000", Static: files, Build: build, Gatherer: prometheus.NewRegistry()})
	if err != nil {
		n.t.Fatal(err)
	}
	l, err := net.Listen("tcp", n.address)
	if err != nil {
		n.t.Fatal(err)
	}
	n.address = l.Addr().String()
	ctx, cancel := context.WithCancel(context.Background())
	server := &http.Server{Handler: handler, ReadHeaderTimeout: patience}
	var running sync.WaitGroup
	running.Go(func() { _ = h.Run(ctx) })
	running.Go(func() { _ = server.Serve(l) })
	n.stop = sync.OnceFunc(func() {
		closing, end := context.WithTimeout(context.Background(), 10*time.Second)
		defer end()
		_ = h.Close(closing)
		_ = server.Close()
		cancel()
		running.Wait()
	})
	n.t.Cleanup(n.stop)
}

// newer is a version of the assets that can be told from this one.
func newer(t testing.TB, mark string) fs.FS {
	t.Helper()
	files := fstest.MapFS{}
	err := fs.WalkDir(static.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(static.Files, path)
		if path == "wall.html" {
			body = []byte(strings.Replace(string(body), "<html ", `<html data-version="`+mark+`" `, 1))
		}
		files[path] = &fstest.MapFile{Data: body}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// households says that the glass shows those of the newest batch; seen is the document that is on the glass.
func (n *place) households() string {
	return fmt.Sprintf(`%s?.querySelector('[data-figure=total] .value b')?.textContent === '%d,%03d' && %s.documentElement.dataset.truth === 'ok'`,
		seenDocument, (1000+n.number)/1000, (1000+n.number)%1000, seenDocument)
}

const seenDocument = `(document.querySelector('#renewed.shown')?.contentDocument ?? document)`

// states makes the page note what it says of itself, as soon as it says it.
const states = `(() => { const note = () => states.push(document.documentElement.dataset.truth); window.states = []; note(); new MutationObserver(note).observe(document.documentElement, {attributeFilter: ['data-truth']}); return true; })()`

// A page that stood still, with its machine or alone, does not take what it shows for now: it
// says at once that it is old, and is current again with one message.
func TestAWallThatHasSlept(t *testing.T) {
	n := newPlace(t)
	n.serve("one", static.Files)
	tab := browsertest.Open(t, 1920, 1080)
	tab.Goto("http://" + n.address + "/wall/overview")
	tab.Until(n.households(), patience)
	tab.Eval(states, new(bool))
	tab.Eval(`(() => { window.sockets = []; const Real = WebSocket; window.WebSocket = class extends Real { constructor(...a) { super(...a); const got = []; sockets.push(got); this.addEventListener('message', (e) => got.push(JSON.parse(e.data).type)); } }; return true; })()`, new(bool))

	// The lid is shut for eight hours: the steady clock stands still, the other goes on. A real
	// sleep of the machine is no test's to have.
	n.publish()
	tab.Until(n.households(), patience)
	tab.Eval(`(() => { const real = Date.now; Date.now = () => real() + 8 * 3600e3; return true; })()`, new(bool))
	tab.Until(`sockets.length === 1 && states.includes('old') && `+n.households(), patience)
	var first []string
	if tab.Eval(`sockets[0].filter((t) => !['time', 'beat'].includes(t)).slice(0, 2)`, &first); strings.Join(first, " ") != "hello current" {
		t.Errorf("after the sleep it is told %v", first)
	}
	var drift float64
	if tab.Eval(`Math.abs(Date.parse('1970-01-01T' + document.querySelector('#clock').textContent + 'Z') - (Math.floor((performance.timeOrigin + performance.now() + 8 * 3600e3) / 1000) * 1000) % 864e5)`, &drift); drift > 5000 && drift < 864e5-5000 {
		t.Errorf("the clock on the glass is %g ms off after the sleep", drift)
	}

	// The browser freezes the page: nothing is drawn, the server loses a display and not its
	// trust in it. Batches go on meanwhile.
	tab.Eval(`(window.states = [], true)`, new(bool))
	tab.Freeze()
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if _, body := get(t, "http://"+n.address+"/api/displays"); strings.Contains(body, `"displays":[]`) {
			break
		} else if time.Since(begun) > patience {
			t.Fatalf("a page that stands still is still fed: %s", body)
		}
	}
	for range 5 {
		n.publish()
	}
	tab.Thaw()
	tab.Until(n.households(), patience)
	tab.Until(`states.includes('old')`, patience)
	if tab.Eval(`sockets.at(-1).filter((t) => !['time', 'beat'].includes(t)).slice(0, 2)`, &first); strings.Join(first, " ") != "hello batch" {
		t.Errorf("after standing still it is told %v", first)
	}
	if e := tab.Errors(); len(e) > 0 {
		t.Errorf("the page complains: %q", e)
	}
}

// A newer version takes the place of the page behind the picture: fullscreen stays, no frame is
// without the picture, and what is shown goes on in it, and in the one after it.
func TestAWallRenewsItselfBehindThePicture(t *testing.T) {
	n := newPlace(t)
	n.serve("one", static.Files)
	tab := browsertest.Open(t, 1920, 1080)
	tab.Goto("http://" + n.address + "/wall/overview")
	tab.Until(n.households(), patience)
	tab.Act(`document.documentElement.requestFullscreen()`)
	tab.Until(`document.fullscreenElement === document.documentElement`, patience)
	// At every frame of the display there is a picture whose panels are drawn.
	tab.Eval(`(() => {
  window.blank = []; window.looks = 0;
  const look = () => {
    const frame = document.querySelector('#renewed.shown');
    const seen = frame?.contentDocument ?? document;
    const figure = seen.querySelector('[data-figure=total] .value b')?.textContent;
    const charts = seen.querySelectorAll('#screen svg:has(text)').length;
    if (!figure || charts < 3 || document.fullscreenElement === null || seen.documentElement.dataset.truth === 'wait') blank.push([figure, charts, seen.documentElement.dataset.truth, document.fullscreenElement === null]);
    looks++;
    requestAnimationFrame(look);
  };
  look();
  return true;
})()`, new(bool))
	var mu sync.Mutex
	var light []float64
	unwatch := tab.Frames(480, func(picture image.Image) {
		mu.Lock()
		defer mu.Unlock()
		light = append(light, lit(picture))
	})
	for _, version := range []string{"two", "three"} {
		n.stop()
		tab.Until(``+seenDocument+`.documentElement.dataset.truth === 'old'`, patience)
		n.serve(version, newer(t, version))
		tab.Until(``+seenDocument+`.documentElement.dataset.version === '`+version+`'`, patience)
		tab.Until(`document.querySelectorAll('iframe').length === 1 && document.querySelector('#screen') === null`, patience)
		n.publish()
		tab.Until(n.households(), patience)
	}
	// And at night by itself, though nothing is newer.
	tab.Eval(`(document.querySelector('#renewed.shown').classList.add('evening'), true)`, new(bool))
	n.ahead.Store(int64(40 * time.Hour))
	tab.Until(`document.querySelector('#renewed.shown:not(.evening)') !== null && document.querySelector('.evening') === null`, patience)
	n.publish()
	tab.Until(n.households(), patience)
	unwatch()
	var blank [][]any
	if tab.Eval(`blank.slice(0, 5)`, &blank); len(blank) > 0 {
		t.Errorf("frames without the picture: %v", blank)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(light) < 4 {
		t.Fatalf("%d frames were seen", len(light))
	}
	for i, l := range light {
		// What is old is drawn darker; an empty page has a hundredth of it.
		if l < light[0]/3 {
			t.Errorf("frame %d of %d has %.2g of the light of the first", i, len(light), l/light[0])
		}
	}
	t.Logf("%d frames seen, the darkest with %.2f of the light of the first", len(light), least(light)/light[0])
	// Keys, the address and the name go on: the page that is seen has them.
	tab.Press("2")
	tab.Until(seenDocument+`.documentElement.dataset.screen === 'people' && location.pathname === '/wall/people' && document.title.includes(`+seenDocument+`.querySelector('#title').textContent)`, patience)
	var displays struct{ Fullscreen, Inner bool }
	tab.Eval(`({Fullscreen: document.fullscreenElement !== null, Inner: `+seenDocument+`.documentElement.dataset.screen === 'people'})`, &displays)
	if !displays.Fullscreen || !displays.Inner {
		t.Errorf("after three renewals: %+v", displays)
	}
	// One display is one display.
	for begun := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if _, body := get(t, "http://"+n.address+"/api/displays"); strings.Count(body, `"screen":`) == 1 {
			break
		} else if time.Since(begun) > patience {
			t.Fatalf("after three renewals the server has %s", body)
		}
	}
	if e := tab.Errors(); len(e) > 0 {
		t.Errorf("the page complains: %q", e)
	}
}

// lit is the light of a picture beyond that of its ground, from 0 to 1.
func lit(picture image.Image) float64 {
	b := picture.Bounds()
	sum := 0.0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, bl, _ := picture.At(x, y).RGBA()
			sum += max(0, float64(r+g+bl)/(3*0xffff)-0.08)
		}
	}
	return sum / float64(b.Dx()*b.Dy())
}

func least(all []float64) float64 {
	m := all[0]
	for _, v := range all {
		m = min(m, v)
	}
	return m
}
