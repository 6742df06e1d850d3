package screens

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"

	"liaowang/queries"
)

//go:embed carousels/*.yaml alarms/*.yaml
var programmeFiles embed.FS

// Programme is what walls do by themselves. Its files stand in folders beside those of
// screens, one file each.
type Programme struct {
	Carousels []Carousel
	Alarms    []Alarm
}

// LoadProgramme reads and validates what is embedded.
func LoadProgramme(cat *queries.Catalogue, list []Screen) (*Programme, error) {
	return new(programmeReader).read(cat, list, programmeFiles)
}

// programmeReader reads folders, and remembers of each file what was right last.
type programmeReader struct {
	carousels map[string]Carousel // by the names of files
	alarms    map[string]Alarm
}

// read reads folders, the later laid over the earlier by ids. Of a file that is wrong the last
// good reading stays, if there was one, and the error says what is wrong.
func (r *programmeReader) read(cat *queries.Catalogue, list []Screen, folders ...fs.FS) (*Programme, error) {
	var ids []string
	for _, s := range list {
		ids = append(ids, s.ID)
	}
	p := &Programme{}
	var errs []error
	carousels := filesOf[Carousel]{
		folder: "carousels", id: func(c *Carousel) string { return c.ID }, last: r.carousels, good: map[string]Carousel{},
		check: func(c *checker, one *Carousel, edition string) {
			one.Edition = edition
			c.carousel(one, ids)
		},
	}
	alarms := filesOf[Alarm]{
		folder: "alarms", id: func(a *Alarm) string { return a.ID }, last: r.alarms, good: map[string]Alarm{},
		check: func(c *checker, one *Alarm, edition string) {
			one.Edition = edition
			c.alarm(one, ids)
		},
	}
	for i, fsys := range folders {
		carousels.prefix, alarms.prefix = fmt.Sprint(i, "/"), fmt.Sprint(i, "/")
		var err, err2 error
		p.Carousels, err = carousels.over(fsys, cat, p.Carousels)
		p.Alarms, err2 = alarms.over(fsys, cat, p.Alarms)
		errs = append(errs, err, err2)
	}
	r.carousels, r.alarms = carousels.good, alarms.good
	return p, errors.Join(errs...)
}

// filesOf are the files of one kind in a folder.
type filesOf[T any] struct {
	folder string
	id     func(*T) string
	check  func(c *checker, one *T, edition string)
	// last has what was right last, good takes what is right now, by prefix and name of the file.
	last, good map[string]T
	prefix     string
}

// over lays what the files say over a list.
func (f filesOf[T]) over(fsys fs.FS, cat *queries.Catalogue, list []T) ([]T, error) {
	names, err := fs.Glob(fsys, f.folder+"/*.yaml")
	if err != nil {
		return list, err
	}
	var errs []error
	at := map[string]string{}
	for _, name := range names {
		one, err := f.read(fsys, name, cat, at)
		if err != nil {
			errs = append(errs, err)
			last, ok := f.last[f.prefix+name]
			if !ok {
				continue
			}
			one = &last
		}
		f.good[f.prefix+name] = *one
		if i := slices.IndexFunc(list, func(b T) bool { return f.id(&b) == f.id(one) }); i >= 0 {
			list[i] = *one
		} else {
			list = append(list, *one)
		}
	}
	return list, errors.Join(errs...)
}

// read reads a file; at has the files of those before it by their ids.
func (f filesOf[T]) read(fsys fs.FS, name string, cat *queries.Catalogue, at map[string]string) (*T, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	one := new(T)
	if err := yaml.UnmarshalWithOptions(text, one, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s:%w", name, err)
	}
	sum := sha256.Sum256(text)
	c := checker{file: name, cat: cat}
	c.tree, _ = parser.ParseBytes(text, 0)
	f.check(&c, one, hex.EncodeToString(sum[:6]))
	id := f.id(one)
	if first, twice := at[id]; twice {
		c.fault("$.id", "%q stands in %s already", id, path.Base(first))
	}
	at[id] = name
	return one, errors.Join(c.errs...)
}
