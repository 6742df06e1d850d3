package draw

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"liaowang/screens/browsertest"
	"liaowang/static"
)

// everyChart does something with every chart of the nine screens of the province, and
// reports how long it took for half of them, for 95 of a hundred, and for the slowest; and
// the same of processor time, this process's and its children's, which does not depend on
// what else runs. Panels without a chart take a millisecond and are left out.
func everyChart(b *testing.B, do func(s *Scene, id string) error) {
	b.Helper()
	var took, worked []time.Duration
	for b.Loop() {
		for _, name := range screensOf {
			s := scene(b, name)
			for _, spec := range s.Screen.Panels {
				if _, content, err := s.panel(spec.ID); err != nil || content.Option == nil {
					continue
				}
				begun, spent := time.Now(), processor(b)
				if err := do(s, spec.ID); err != nil {
					b.Fatalf("%s/%s: %v", name, spec.ID, err)
				}
				took = append(took, time.Since(begun))
				worked = append(worked, processor(b)-spent)
			}
		}
	}
	report := func(list []time.Duration, what string) {
		slices.Sort(list)
		for name, share := range map[string]float64{"p50": 0.5, "p95": 0.95, "max": 1} {
			at := list[int(math.Ceil(share*float64(len(list))))-1]
			b.ReportMetric(float64(at)/float64(time.Millisecond), what+"-ms-"+name)
		}
	}
	b.ReportMetric(0, "ns/op")
	report(took, "wall")
	report(worked, "cpu")
}

// processor is the processor time that this process and its ended children have had.
func processor(b *testing.B) (sum time.Duration) {
	b.Helper()
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var use unix.Rusage
		if err := unix.Getrusage(who, &use); err != nil {
			b.Fatal(err)
		}
		sum += time.Duration(use.Utime.Nano() + use.Stime.Nano())
	}
	return sum
}

var screensOf = []string{"overview", "people", "routine", "emergency", "prevention", "consolidation", "assets", "services", "operations"}

// warm is a drawer whose machines are made.
func warm(b *testing.B) *Drawer {
	d := drawer(b, Options{})
	machines := make([]*machine, d.options.Workers)
	for i := range machines {
		<-d.free
		m, err := newMachine(d.programs, d.fonts)
		if err != nil {
			b.Fatal(err)
		}
		machines[i] = m
	}
	for _, m := range machines {
		d.free <- m
	}
	return d
}

func BenchmarkPanelSVG(b *testing.B) {
	d := warm(b)
	everyChart(b, func(s *Scene, id string) error {
		_, err := d.Panel(context.Background(), s, id, Look{})
		return err
	})
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	b.ReportMetric(float64(m.HeapInuse)/(1<<20), "MB/heap")
}

func BenchmarkPanelPNG(b *testing.B) {
	d := warm(b)
	everyChart(b, func(s *Scene, id string) error {
		svg, err := d.Panel(context.Background(), s, id, Look{})
		if err == nil {
			_, err = d.PNG(context.Background(), svg, 2)
		}
		return err
	})
}

func BenchmarkScreen(b *testing.B) {
	d := warm(b)
	for b.Loop() {
		for _, name := range screensOf {
			if _, err := d.Screen(context.Background(), scene(b, name), Look{}); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N*len(screensOf)), "ms/screen")
}

// BenchmarkChromiumPNG is what a panel's chart costs in a headless Chromium that is running
// already: the same ECharts, option, data and size in a page that is open, and a picture of
// the window at two pixels a unit. Its processor time is not seen: Chromium has not ended.
func BenchmarkChromiumPNG(b *testing.B) {
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServerFS(static.Files))
	mux.HandleFunc("/bench", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<body style="margin:0;zoom:2"><div id="at"></div><script type="module">
import * as echarts from '/vendor/echarts/echarts.mjs';
import { fetchMap } from '/js/panels/map.js';
for (const [name, map] of Object.entries(await fetchMap('', 'hainan'))) echarts.registerMap(name, map);
let chart;
window.draw = (option, kind, id, data, width, height) => new Promise((done) => {
  chart?.dispose();
  chart = echarts.init(document.querySelector('#at'), null, { renderer: 'svg', width, height });
  chart.setOption(option, { notMerge: true, lazyUpdate: true });
  chart.setOption(kind === 'flow' ? { series: [{ id, data: data.nodes, links: data.links }] } : { dataset: { source: data.source } });
  requestAnimationFrame(() => setTimeout(() => { window.drawn = id; }, 0));
});
</script>`)
	})
	server := httptest.NewServer(mux)
	defer server.Close()
	tab := browsertest.Open(b, 1920, 1080)
	tab.Goto(server.URL + "/bench")
	tab.Until("window.draw", time.Minute)
	d := drawer(b, Options{})
	everyChart(b, func(s *Scene, id string) error {
		spec, content, err := s.panel(id)
		if err != nil {
			return err
		}
		place := d.usual(s, id)
		tab.Eval(fmt.Sprintf("(window.drawn = '', draw(%s, %q, %q, %s, %d, %d), true)", content.Option, spec.Kind, id, content.Data, int(place.Width), int(place.Height)-bodyTop), new(bool))
		tab.Until(fmt.Sprintf("window.drawn === %q", id), time.Minute)
		tab.Picture()
		return nil
	})
}
