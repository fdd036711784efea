package source

import (
	"io/fs"
	"maps"
	"slices"
)

// Snapshot is a set of files that do not change while they are looked at:
// a folder read from disk, editor buffers, git blobs, a test archive.
type Snapshot interface {
	// Paths lists the files in sorted order.
	Paths() []string
	// File returns a file by its path; fs.ErrNotExist when there is none.
	// Files outside Paths may exist too (imported modules are read lazily).
	File(path string) (*File, error)
}

// Memory returns a Snapshot of the given files, each under its Path. Of two
// files with one path the later one counts.
func Memory(files ...*File) Snapshot {
	m := make(memory, len(files))
	for _, f := range files {
		if f != nil {
			m[f.Path] = f
		}
	}
	return m
}

type memory map[string]*File

func (m memory) Paths() []string {
	return slices.Sorted(maps.Keys(m))
}

func (m memory) File(path string) (*File, error) {
	if f, ok := m[path]; ok {
		return f, nil
	}
	return nil, notExist(path)
}

// Overlay returns a Snapshot in which the changed files, by path, hide those of
// base; a nil File hides without a replacement. Paths lists what base lists, and
// the changed files that base does not have at all: a change to a file that base
// has but does not list (an imported module, read lazily) leaves it unlisted.
func Overlay(base Snapshot, changed map[string]*File) Snapshot {
	o := &overlay{base: base, changed: maps.Clone(changed)}
	listed := map[string]bool{}
	for _, path := range base.Paths() {
		listed[path] = true
	}
	for path, f := range changed {
		if f == nil {
			delete(listed, path)
		} else if !listed[path] {
			if _, err := base.File(path); err != nil {
				listed[path] = true
			}
		}
	}
	o.paths = slices.Sorted(maps.Keys(listed))
	return o
}

type overlay struct {
	base    Snapshot
	changed map[string]*File
	paths   []string
}

func (o *overlay) Paths() []string { return slices.Clone(o.paths) }

func (o *overlay) File(path string) (*File, error) {
	if f, ok := o.changed[path]; ok {
		if f == nil {
			return nil, notExist(path)
		}
		return f, nil
	}
	return o.base.File(path)
}

func notExist(path string) error {
	return &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
}
