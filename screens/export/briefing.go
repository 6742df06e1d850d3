package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"liaowang/queries/warehouse"
)

// Briefing is scenes in an order under a name. A scene without a region is for the region
// that is asked for.
type Briefing struct {
	Name   string  `json:"name" yaml:"-"`
	Title  string  `json:"title" yaml:"title"`
	Scenes []Scene `json:"scenes" yaml:"scenes"`
	// From says where it comes from: "built-in", "file" or "saved".
	From string `json:"from" yaml:"-"`
	// Deliver says when and where a briefing of a file is delivered; nil: it is not. Package
	// schedule does.
	Deliver *Deliver `json:"-" yaml:"deliver"`
}

// Deliver is when and where a briefing goes: to one of Folder, WebDAV and Mail.
type Deliver struct {
	// Cron has five fields, in Asia/Shanghai; with WorkingDays only working days count.
	Cron        string `yaml:"cron"`
	WorkingDays bool   `yaml:"working_days"`
	Format      Format `yaml:"format"`
	// Region is that of scenes which name none; empty: the province.
	Region string `yaml:"region"`
	Folder string `yaml:"folder"`
	WebDAV string `yaml:"webdav"`
	Mail   *Mail  `yaml:"mail"`
}

// Mail is a letter.
type Mail struct {
	Server string   `yaml:"server"`
	From   string   `yaml:"from"`
	To     []string `yaml:"to"`
}

// Story is the briefing that is always there: every screen, as the story is told.
const Story = "story"

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,39}$`)

// Briefings lists the briefings: the one that is always there, those of files, and those
// that were saved, which take the place of one of the same name.
func (x *Exporter) Briefings(ctx context.Context) ([]Briefing, error) {
	all := []Briefing{x.story()}
	put := func(b Briefing) {
		if i := slices.IndexFunc(all, func(o Briefing) bool { return o.Name == b.Name }); i >= 0 {
			all[i] = b
			return
		}
		all = append(all, b)
	}
	files, err := x.FileBriefings()
	if err != nil {
		return nil, err
	}
	for _, b := range files {
		put(b)
	}
	saved, err := x.Log.Briefings(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range saved {
		b := Briefing{Name: s.Name, Title: s.Title, From: "saved"}
		if err := json.Unmarshal([]byte(s.Scenes), &b.Scenes); err != nil {
			return nil, fmt.Errorf("export: briefing %s: %w", s.Name, err)
		}
		put(b)
	}
	return all, nil
}

// FileBriefings lists the briefings of files. The error joins what is wrong with others.
func (x *Exporter) FileBriefings() (all []Briefing, err error) {
	if x.Files == nil {
		return nil, nil
	}
	names, err := fs.Glob(x.Files, "*.yaml")
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, name := range names {
		b := Briefing{Name: strings.TrimSuffix(name, ".yaml"), From: "file"}
		text, err := fs.ReadFile(x.Files, name)
		if err == nil {
			err = yaml.UnmarshalWithOptions(text, &b, yaml.Strict())
		}
		if err == nil {
			err = b.validate()
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("briefings/%s: %w", name, err))
			continue
		}
		all = append(all, b)
	}
	return all, errors.Join(errs...)
}

func (x *Exporter) story() Briefing {
	b := Briefing{Name: Story, Title: "防返贫监测简报", From: "built-in"}
	for _, s := range x.Screens() {
		b.Scenes = append(b.Scenes, Scene{Screen: s.ID})
	}
	return b
}

// Briefing finds a briefing, or says which there are.
func (x *Exporter) Briefing(ctx context.Context, name string) (*Briefing, error) {
	if name == Story { // it needs nothing but the screens
		b := x.story()
		return &b, nil
	}
	all, err := x.Briefings(ctx)
	if err != nil {
		return nil, err
	}
	var have []string
	for i := range all {
		if all[i].Name == name {
			return &all[i], nil
		}
		have = append(have, all[i].Name)
	}
	return nil, refuse("unknown_briefing", "there is no briefing %.40q: there are %s", name, strings.Join(have, ", "))
}

func (b *Briefing) validate() error {
	switch {
	case !nameForm.MatchString(b.Name) || b.Name == Story:
		return fmt.Errorf("name %.60q: lower case letters, digits and hyphens are expected, at most 40, and not %q", b.Name, Story)
	case b.Title == "" || len([]rune(b.Title)) > 80:
		return errors.New("title: from 1 to 80 characters are expected")
	case len(b.Scenes) == 0 || len(b.Scenes) > mostScenes:
		return fmt.Errorf("%d scenes: from 1 to %d are expected", len(b.Scenes), mostScenes)
	}
	return nil
}

// Save saves a briefing under its name, in place of one that is there.
func (x *Exporter) Save(ctx context.Context, b Briefing, by string) error {
	if err := b.validate(); err != nil {
		return refuse("bad_request", "%v", err)
	}
	for _, s := range b.Scenes {
		if _, err := x.find(s); err != nil {
			return err
		}
	}
	scenes, err := json.Marshal(b.Scenes)
	if err != nil {
		return err
	}
	return x.Log.SaveBriefing(ctx, warehouse.Briefing{Name: b.Name, Title: b.Title, Scenes: string(scenes), At: x.Now().UTC(), By: by})
}

// Remove removes a briefing that was saved.
func (x *Exporter) Remove(ctx context.Context, name, by string) error {
	saved, err := x.Log.Briefings(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(saved, func(b warehouse.Briefing) bool { return b.Name == name }) {
		return refuse("unknown_briefing", "no briefing %.40q is saved", name)
	}
	return x.Log.SaveBriefing(ctx, warehouse.Briefing{Name: name, At: x.Now().UTC(), By: by})
}
