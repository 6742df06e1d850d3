package draw

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"modernc.org/quickjs"

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
	echarts, charts []byte
	island          string // the map, as GeoJSON
	outlines        *outlines
}

var moduleEnd = regexp.MustCompile(`export\s*\{([^}]*)\};?\s*$`)

// How a chart looks under a pointer is a third of ECharts' work, and no part of a picture:
// these lists name the states that it prepares everything for.
const (
	states    = `["emphasis","blur","select"]`
	allStates = `["normal","emphasis","blur","select"]`
)

// compile makes scripts of the module that the browser loads, without the states.
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
	body := source[:end[0]]
	if strings.Count(body, states) != 2 || strings.Count(body, allStates) != 1 {
		return nil, errors.New("draw: echarts.mjs names its states otherwise than it did")
	}
	body = strings.ReplaceAll(strings.ReplaceAll(body, allStates, `["normal"]`), states, "[]")
	vm, err := quickjs.NewVM()
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	defer vm.Close()
	p := &programs{}
	if p.echarts, err = vm.Compile("globalThis.echarts=(function(){'use strict';"+body+"\nreturn{"+exports.String()+"}})();0", quickjs.EvalGlobal); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	if p.charts, err = vm.Compile(chartsJS, quickjs.EvalGlobal); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	if p.island, err = read("maps/hainan.json"); err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	p.outlines, err = readOutlines(p.island)
	return p, err
}

// What a machine may take, bytes: it has about 20 MB when it is made. What is left behind is
// collected when it has grown to collectAt, not while it draws one chart.
const (
	mostMemory = 256 << 20
	collectAt  = 48 << 20
)

// machine is a JavaScript machine with ECharts in it; one chart at a time.
type machine struct {
	vm       *quickjs.VM
	draw     quickjs.Value
	outlines *outlines
	drawn    int
}

// newMachine takes about a tenth of a second. A machine is closed by close.
func newMachine(p *programs, f *fonts) (m *machine, err error) {
	defer recovered(&err)
	vm, err := quickjs.NewVM()
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	defer func() {
		if err != nil {
			vm.Close()
		}
	}()
	vm.SetMemoryLimit(mostMemory)
	styles := map[string]style{}
	err = vm.RegisterFunc("measure", func(text, font string) float64 {
		s, known := styles[font]
		if !known {
			s = cssFont(font)
			styles[font] = s
		}
		return f.width(text, s)
	}, false)
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	for _, program := range [][]byte{p.echarts, p.charts} {
		if _, err := vm.EvalBytecode(program); err != nil {
			return nil, fmt.Errorf("draw: ECharts: %w", err)
		}
	}
	for name, shapes := range map[string]string{"hainan": p.island, "bounds": p.outlines.bounds} {
		if _, err := vm.Call("addMap", name, shapes); err != nil {
			return nil, fmt.Errorf("draw: the map: %w", err)
		}
	}
	draw, err := vm.EvalValue("draw", quickjs.EvalGlobal)
	if err != nil {
		return nil, fmt.Errorf("draw: %w", err)
	}
	return &machine{vm: vm, draw: draw, outlines: p.outlines}, nil
}

// close frees what the machine has; it is none of the garbage collector's.
func (m *machine) close() {
	m.draw.Free()
	m.vm.Close()
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
	m.drawn++
	m.vm.SetGCThreshold(collectAt)
	stop := context.AfterFunc(ctx, m.vm.Interrupt)
	v, err := m.draw.Call(quickjs.UndefinedValue, c.option, c.kind, c.id, c.data, c.width, c.height)
	if !stop() {
		return "", context.Cause(ctx)
	}
	if err != nil {
		return "", fmt.Errorf("draw: ECharts: %w", err)
	}
	text, ok := v.(string)
	if !ok {
		return "", fmt.Errorf("draw: ECharts gave %T and no picture", v)
	}
	return text, nil
}

func recovered(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("draw: ECharts: %v", r)
	}
}

// inner is the content of a chart's SVG for a picture of several: its ids begin with a
// prefix of its own. Its texts stand on baselines, since not every program knows another
// way to stand in the middle. Regular expressions would take a tenth of a map's time.
func inner(svg, prefix string, central float64) string {
	if _, content, found := strings.Cut(svg, ">"); found && strings.HasPrefix(svg, "<svg") {
		svg = strings.TrimSuffix(strings.TrimSpace(content), "</svg>")
	}
	if _, id, found := strings.Cut(svg, ` id="zr`); found {
		id, _, _ = strings.Cut(id, "-") // every id is zr, a number of the chart's, and its own name
		for _, before := range []string{` id="`, "url(#"} {
			svg = strings.ReplaceAll(svg, before+"zr"+id+"-", before+prefix+"-")
		}
	}
	svg = strings.ReplaceAll(svg, ` xml:space="preserve"`, "")
	svg = strings.ReplaceAll(svg, `dominant-baseline="central"`, fmt.Sprintf(`dy="%.3fem"`, central))
	return withoutFamily(svg)
}

// withoutFamily leaves out each declaration of a family, whose quotes are not escaped in
// what ECharts writes: the family is that of the whole picture.
func withoutFamily(svg string) string {
	var b strings.Builder
	b.Grow(len(svg))
	for {
		before, after, found := strings.Cut(svg, "font-family:")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		quoted := false
		end := strings.IndexFunc(after, func(r rune) bool {
			if r == '"' {
				quoted = !quoted
			}
			return r == ';' && !quoted
		})
		svg = after[end+1:]
	}
}
