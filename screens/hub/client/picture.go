package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Scene is a screen for a region.
type Scene struct {
	Screen string `json:"screen"` // for example "overview"
	Region string `json:"region"` // a code, for example "460000"
}

// Picture is what is known of a scene at one moment. It is never changed.
type Picture struct {
	Scene
	RegionName string
	// Path leads from the province to the region.
	Path        []Place
	MapApproval string
	// Edition is that of the screen which the panels are of.
	Edition string
	// Batch is the header of the batch that the panels show.
	Batch  Header
	Panels []Panel
	// Status is the state of the source as told last.
	Status Status
	// Lost says that there is no connection, or that it says nothing: the rest is what
	// was last known.
	Lost bool
	// ShowAt is the moment by this machine's clock at which all displays of a wall show
	// the batch; zero where there is none to wait for.
	ShowAt time.Time

	header map[string]any // the header as it came, patches applied
}

// Place is one step of the way from the province to a region.
type Place struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// Panel is one panel of a picture: decoded JSON, in which numbers are json.Number.
type Panel struct {
	ID string
	// Option is the ECharts option of a chart, nil for a panel without one.
	Option any
	Data   any
}

// Decode reads the panel's data into a value, as json.Unmarshal does.
func (p Panel) Decode(into any) error {
	text, err := json.Marshal(p.Data)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

// Panel gives the panel with an id and whether there is one.
func (p *Picture) Panel(id string) (Panel, bool) {
	for _, one := range p.Panels {
		if one.ID == id {
			return one, true
		}
	}
	return Panel{}, false
}

// MarshalJSON writes what the picture shows, not how it came: scene, header, panels.
// Two clients that show the same write the same.
func (p *Picture) MarshalJSON() ([]byte, error) {
	type panel struct {
		ID     string `json:"id"`
		Option any    `json:"option,omitempty"`
		Data   any    `json:"data"`
	}
	out := struct {
		Scene
		RegionName  string         `json:"region_name"`
		Path        []Place        `json:"path"`
		MapApproval string         `json:"map_approval"`
		Batch       map[string]any `json:"batch"`
		Panels      []panel        `json:"panels"`
	}{p.Scene, p.RegionName, p.Path, p.MapApproval, p.header, make([]panel, len(p.Panels))}
	for i, one := range p.Panels {
		out.Panels[i] = panel(one)
	}
	return json.Marshal(out)
}

// Header describes a batch.
type Header struct {
	// History identifies the database that numbers belong to; Number alone orders the
	// batches of one.
	History string    `json:"history"`
	Term    uint64    `json:"term"`
	Number  uint64    `json:"batch"`
	AsOf    time.Time `json:"as_of"` // the moment of the cut
	// Demo says that the picture must carry 演示数据.
	Demo      bool      `json:"demo"`
	LeastCell int       `json:"least_cell"`
	Checks    []Check   `json:"checks"`
	Failing   []Failing `json:"failing"`
}

// Check is the result of one identity.
type Check struct {
	ID      string `json:"id"`
	Title   string `json:"title"`
	Policy  string `json:"policy"` // note, warn or hold
	OK      bool   `json:"ok"`
	Unknown bool   `json:"unknown"` // it could not be evaluated
	// Since is the as_of of the batch from which on it has not held; zero when it holds.
	Since    time.Time `json:"since"`
	Words    string    `json:"words"`
	Failures []Failure `json:"failures"` // the widest first; not all of them
	Failed   int       `json:"failed"`   // in how many regions it does not hold
}

// Failure is a region in which a check does not hold.
type Failure struct {
	Region     string  `json:"region"`
	Words      string  `json:"words"`
	Expected   float64 `json:"expected"`
	Actual     float64 `json:"actual"`
	Suppressed bool    `json:"suppressed"`
}

// Failing is a metric that could not be asked.
type Failing struct {
	Metric string    `json:"metric"`
	Title  string    `json:"title"`
	Since  time.Time `json:"since"`
	Words  string    `json:"words"`
}

// Status is the state of the source. In every state but "ok" the picture must be marked
// as old.
type Status struct {
	Source   string    `json:"source"` // ok, lost, held, silent or store_lost
	Since    time.Time `json:"since"`
	Verified time.Time `json:"verified"` // when the data was last seen to be what the batch shows
	Words    string    `json:"words"`
}

// wirePanel is a panel of a snapshot or a batch.
type wirePanel struct {
	ID     string `json:"id"`
	Option any    `json:"option"`
	Data   any    `json:"data"`
}

// errUnfit: a message does not fit the picture that it is to change.
var errUnfit = errors.New("client: the message does not fit the picture")

// withHeader gives the picture another header.
func (p *Picture) withHeader(header map[string]any) error {
	text, err := json.Marshal(header)
	if err != nil {
		return err
	}
	p.header, p.Batch = header, Header{}
	if err := json.Unmarshal(text, &p.Batch); err != nil {
		return fmt.Errorf("%w: its header: %w", errUnfit, err)
	}
	return nil
}

// newPicture makes a picture of a snapshot.
func newPicture(m *message) (*Picture, error) {
	p := &Picture{Scene: m.Scene, RegionName: m.RegionName, Path: m.Path, MapApproval: m.MapApproval, Edition: m.Edition}
	var header map[string]any
	var panels []wirePanel
	if err := errors.Join(decode(m.Batch, &header), decode(m.Panels, &panels)); err != nil {
		return nil, fmt.Errorf("%w: %w", errUnfit, err)
	}
	for _, one := range panels {
		p.Panels = append(p.Panels, Panel(one))
	}
	return p, p.withHeader(header)
}

// batch lays what changed over a copy of the picture.
func (p *Picture) batch(m *message) (*Picture, error) {
	next := p.copied()
	var header map[string]any
	var panels []wirePanel
	err := decode(m.Batch, &header)
	if err == nil && m.Panels != nil {
		err = decode(m.Panels, &panels)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnfit, err)
	}
	if m.RegionName != "" {
		next.RegionName = m.RegionName
	}
	if m.Path != nil {
		next.Path = m.Path
	}
	for _, one := range panels {
		i, err := next.index(one.ID)
		if err != nil {
			return nil, err
		}
		next.Panels[i].Data = one.Data
		if one.Option != nil {
			next.Panels[i].Option = one.Option
		}
	}
	return next, next.withHeader(header)
}

// patch applies a patch to a copy of the picture: all of it or nothing.
func (p *Picture) patch(m *message) (*Picture, error) {
	next := p.copied()
	var panels map[string]map[string]any
	if m.Panels != nil {
		if err := decode(m.Panels, &panels); err != nil {
			return nil, fmt.Errorf("%w: %w", errUnfit, err)
		}
	}
	for id, set := range panels {
		i, err := next.index(id)
		if err != nil {
			return nil, err
		}
		if next.Panels[i].Data, err = put(next.Panels[i].Data, set); err != nil {
			return nil, fmt.Errorf("panel %s: %w", id, err)
		}
	}
	header, err := put(p.header, m.Set)
	if err == nil {
		header, err = put(header, map[string]any{"/batch": json.Number(bytes.TrimSpace(m.Batch))})
	}
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	object, ok := header.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("header: %w", errUnfit)
	}
	return next, next.withHeader(object)
}

// copied is a copy whose panels may be replaced.
func (p *Picture) copied() *Picture {
	next := *p
	next.Panels = append([]Panel{}, p.Panels...)
	return &next
}

func (p *Picture) index(id string) (int, error) {
	for i, one := range p.Panels {
		if one.ID == id {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%w: it has no panel %s", errUnfit, id)
}

// decode reads JSON and keeps numbers as they are written.
func decode(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return d.Decode(into)
}
