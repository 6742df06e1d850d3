package draw

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/dop251/goja"

	"liaowang/screens/panel"
	"liaowang/static"
)

//go:embed charts.js
var chartsJS string

// chart is one chart to draw: the option without data and the data, in the colours of
// their theme, and the size in units.
type chart struct {
	option, kind, id, data string
	width, height          int
}

// programs is ECharts and what calls it, compiled once for all machines.
type programs struct {
	echarts, charts *goja.Program
	island          string // the map, as GeoJSON
	outlines        *outlines
}

var moduleEnd = regexp.MustCompile(`export\s*\{([^}]*)\};?\s*$`)

// compile makes a script of the module that the browser loads: goja knows no modules.
func compile() (*programs, error) {
	read := func(name string) (string, error) {
		text, err := static.Files.ReadFile(name)
		return string(text), err
	}
	source, err := read("vendor/echarts/echarts.mjs")
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	end := moduleEnd.FindStringSubmatchIndex(source)
	if end == nil {
		return nil, errors.New("draw: echarts.mjs does not end with what it exports")
	}
	var exports strings.Builder
	for name := range strings.SplitSeq(source[end[2]:end[3]], ",") {
		local, as, renamed := strings.Cut(strings.TrimSpace(name), " as ")
		if !renamed {
			as = local
		}
		fmt.Fprintf(&exports, "%s:%s,", as, local)
	}
	p := &programs{}
	if p.echarts, err = goja.Compile("echarts.mjs", "(function(){"+source[:end[0]]+"\nreturn{"+exports.String()+"}})()", true); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	if p.charts, err = goja.Compile("charts.js", chartsJS, true); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	if p.island, err = read("maps/hainan.json"); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	p.outlines, err = readOutlines(p.island)
	return p, err
}

// machine is a JavaScript machine with ECharts in it; one chart at a time.
type machine struct {
	vm       *goja.Runtime
	draw     goja.Callable
	charts   goja.Value
	outlines *outlines
	drawn    int
}

// newMachine takes about a fifth of a second.
func newMachine(p *programs, f *fonts) (m *machine, err error) {
	defer recovered(&err)
	vm := goja.New()
	// ECharts asks for these; nothing of a picture waits for them.
	for _, name := range []string{"setTimeout", "clearTimeout"} {
		if err := vm.Set(name, func() int { return 0 }); err != nil {
			return nil, err
		}
	}
	quiet := func() {}
	if err := vm.Set("console", map[string]any{"log": quiet, "warn": quiet, "error": quiet}); err != nil {
		return nil, err
	}
	echarts, err := vm.RunProgram(p.echarts)
	if err != nil {
		return nil, fmt.Errorf("draw: ECharts: %w", err)
	}
	begin, err := vm.RunProgram(p.charts)
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	call, _ := goja.AssertFunction(begin)
	styles := map[string]style{}
	charts, err := call(goja.Undefined(), echarts, vm.ToValue(func(text, font string) float64 {
		s, known := styles[font]
		if !known {
			s = cssFont(font)
			styles[font] = s
		}
		return f.width(text, s)
	}))
	if err != nil {
		return nil, fmt.Errorf("draw: ECharts: %w", err)
	}
	register, _ := goja.AssertFunction(charts.ToObject(vm).Get("map"))
	for name, shapes := range map[string]string{"hainan": p.island, "bounds": p.outlines.bounds} {
		if _, err := register(charts, vm.ToValue(name), vm.ToValue(shapes)); err != nil {
			return nil, fmt.Errorf("draw: the map: %w", err)
		}
	}
	draw, _ := goja.AssertFunction(charts.ToObject(vm).Get("draw"))
	return &machine{vm: vm, draw: draw, charts: charts, outlines: p.outlines}, nil
}

// svg draws a chart. After an error the machine must not be used again.
func (m *machine) svg(ctx context.Context, c chart) (text string, err error) {
	if c.kind != string(panel.KindMap) {
		return m.call(ctx, c)
	}
	bounds := c
	bounds.option = strings.ReplaceAll(c.option, `"map":"hainan.`, `"map":"bounds.`)
	text, err = m.call(ctx, bounds)
	if err != nil {
		return "", err
	}
	if traced, ok := m.outlines.trace(text); ok {
		return traced, nil
	}
	return m.call(ctx, c)
}

// call draws with ECharts.
func (m *machine) call(ctx context.Context, c chart) (text string, err error) {
	defer recovered(&err)
	stop := context.AfterFunc(ctx, func() { m.vm.Interrupt(ctx.Err()) })
	m.drawn++
	v, err := m.draw(m.charts, m.vm.ToValue(c.option), m.vm.ToValue(c.kind), m.vm.ToValue(c.id), m.vm.ToValue(c.data), m.vm.ToValue(c.width), m.vm.ToValue(c.height))
	if !stop() {
		return "", context.Cause(ctx)
	}
	if err != nil {
		return "", fmt.Errorf("draw: ECharts: %w", err)
	}
	return v.String(), nil
}

func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("draw: ECharts: %v", r)
	}
}

var (
	// What only a page can use: how things look under a pointer, and whose they are.
	pageOnly = regexp.MustCompile(`(?s)<style[^>]*>.*?</style>| class="[^"]*"| ecmeta_[a-z_]+="[^"]*"| xml:space="preserve"`)
	// The family is that of the whole picture; its quotes are not escaped here.
	family   = regexp.MustCompile(`font-family:(?:"[^"]*"|[^;"])*;`)
	zrID     = regexp.MustCompile(`\bzr\d+-`)
	outerSVG = regexp.MustCompile(`(?s)^\s*<svg[^>]*>(.*)</svg>\s*$`)
)

// inner is the content of a chart's SVG for a picture of several: its ids begin with a
// prefix of its own. Its texts stand on baselines, since not every program knows another
// way to stand in the middle.
func inner(svg, prefix string, central float64) string {
	if m := outerSVG.FindStringSubmatch(svg); m != nil {
		svg = m[1]
	}
	svg = pageOnly.ReplaceAllString(svg, "")
	svg = family.ReplaceAllString(svg, "")
	svg = zrID.ReplaceAllString(svg, prefix+"-")
	return strings.ReplaceAll(svg, `dominant-baseline="central"`, fmt.Sprintf(`dy="%.3fem"`, central))
}
