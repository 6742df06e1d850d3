package screens

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"liaowang/queries"
)

// Folder is a customer's folder of screens, laid over those of the program: a file whose
// id is that of a built-in screen takes its place, any other adds one. It can be looked
// at again while the program runs. It is not safe for concurrent use.
type Folder struct {
	fsys          fs.FS
	cat           *queries.Catalogue
	builtIn       []Screen
	read          [sha256.Size]byte
	lastGood      map[string]Screen // by the names of files
	programme     *Programme
	programmeRead programmeReader
}

// OpenFolder reads a folder for the first time, when whatever is wrong with it is an error.
func OpenFolder(fsys fs.FS, cat *queries.Catalogue) (*Folder, []Screen, error) {
	builtIn, err := Load(cat)
	if err != nil {
		return nil, nil, err
	}
	f := &Folder{fsys: fsys, cat: cat, builtIn: builtIn, lastGood: map[string]Screen{}}
	list, _, err := f.Look()
	return f, list, err
}

// Programme is what walls do by themselves, as of the last look.
func (f *Folder) Programme() *Programme { return f.programme }

// Look reads the folder if it has changed. Changed says that it has; the screens are then
// those to show from now on, and the error joins what is wrong. Of a file that is wrong
// the last good screen stays, if there was one. A folder that cannot be read changes nothing.
func (f *Folder) Look() (list []Screen, changed bool, err error) {
	sum, err := sumOf(f.fsys)
	if err != nil {
		return nil, false, err
	}
	if sum == f.read {
		return nil, false, nil
	}
	files, err := readAll(f.fsys, f.cat)
	if err != nil {
		return nil, false, err
	}
	f.read = sum
	good := map[string]Screen{}
	var errs []error
	for _, one := range files {
		errs = append(errs, one.err)
		if one.err == nil {
			good[one.name] = one.screen
		} else if last, ok := f.lastGood[one.name]; ok {
			good[one.name] = last
		}
	}
	f.lastGood = good
	list = slices.Clone(f.builtIn)
	for _, one := range files {
		s, ok := good[one.name]
		if !ok {
			continue
		}
		if i := slices.IndexFunc(list, func(b Screen) bool { return b.ID == s.ID }); i >= 0 {
			list[i] = s
		} else {
			list = append(list, s)
		}
	}
	list = inOrder(list)
	f.programme, err = f.programmeRead.read(f.cat, list, programmeFiles, f.fsys)
	return list, true, errors.Join(append(errs, err)...)
}

// sumOf tells one state of a folder from another.
func sumOf(fsys fs.FS) (sum [sha256.Size]byte, err error) {
	if _, err := fs.Stat(fsys, "."); err != nil {
		return sum, err
	}
	var names []string
	for _, form := range []string{"*.yaml", "carousels/*.yaml", "alarms/*.yaml"} {
		some, err := fs.Glob(fsys, form)
		if err != nil {
			return sum, err
		}
		names = append(names, some...)
	}
	h := sha256.New()
	for _, name := range names {
		text, err := fs.ReadFile(fsys, name)
		if err != nil {
			return sum, err
		}
		fmt.Fprintf(h, "%s %d\n", name, len(text))
		h.Write(text)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}
