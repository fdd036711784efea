// Package edit holds changes to Python files: single edits, sets of edits that
// land together, how two sets are merged and how edits are applied.
package edit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/source"
)

// Edit replaces the bytes of Span by New. An empty Span inserts. The Span names
// one version of a file, so an edit for another version can be told.
type Edit struct {
	Span source.Span
	New  string
}

// Import asks for "from Module import Name as As" in File, or for "import Module
// as As" when Name is empty. As may be empty. Imports become edits in
// refactor.ResolveImports, which writes each of them once.
type Import struct {
	File             *source.File
	Module, Name, As string
}

// Set is edits and imports, in one or more files, that land together or not at
// all.
type Set struct {
	Edits   []Edit
	Imports []Import
}

// Errors of this package; those returned wrap one of them and say where.
var (
	ErrInvalid  = errors.New("invalid edit")
	ErrConflict = errors.New("conflicting edits")
	ErrStale    = errors.New("edit of another version of the file")
)

// Validate returns an error that wraps ErrInvalid when an edit lies outside its
// file or ends before it starts, or an import names no file or module, and one
// that wraps ErrConflict when two edits overlap (two equal replacements do, a set
// has to state them once). Insertions may stand at either end of a replacement.
// Two insertions at one offset are in order: they land in the order of the list.
func (s Set) Validate() error {
	for _, im := range s.Imports {
		if im.File == nil || im.Module == "" {
			return fmt.Errorf("%w: import of %q without file or module", ErrInvalid, im.Module)
		}
	}
	for _, file := range files(s.Edits) {
		if _, err := order(of(file, s.Edits)); err != nil {
			return err
		}
	}
	return nil
}

// Empty says whether the set changes nothing: it has no import, and no edit that
// differs from the text it replaces.
func (s Set) Empty() bool {
	return len(s.Imports) == 0 && !slices.ContainsFunc(s.Edits, func(e Edit) bool { return e.Span.Text() != e.New })
}

// check returns an error when the edit is not inside a file.
func (e Edit) check() error {
	if e.Span.File == nil {
		return fmt.Errorf("%w: no file", ErrInvalid)
	}
	if !e.Span.Valid() {
		return fmt.Errorf("%w: %s: bytes %d to %d of %d", ErrInvalid, e.Span.File.Path, e.Span.Start, e.Span.End, len(e.Span.File.Text))
	}
	return nil
}

func (e Edit) inserts() bool { return e.Span.Start == e.Span.End }

// order returns the edits of one file in the order in which they land: by
// offset, insertions before a replacement that starts there, insertions at one
// offset as listed. The error says which edit is invalid or overlaps another.
func order(edits []Edit) ([]Edit, error) {
	for _, e := range edits {
		if err := e.check(); err != nil {
			return nil, err
		}
	}
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b Edit) int {
		if a.Span.Start != b.Span.Start {
			return a.Span.Start - b.Span.Start
		}
		switch {
		case a.inserts() && !b.inserts():
			return -1
		case b.inserts() && !a.inserts():
			return 1
		}
		return 0
	})
	end := 0
	for _, e := range sorted {
		if e.Span.Start < end {
			return nil, conflict(e)
		}
		end = e.Span.End
	}
	return sorted, nil
}

func conflict(e Edit) error {
	line, column := e.Span.File.Position(e.Span.Start)
	return fmt.Errorf("%w: %s:%d:%d", ErrConflict, e.Span.File.Path, line, column)
}

// files lists the files of the edits in the order of their first edit.
func files(edits []Edit) []*source.File {
	var list []*source.File
	seen := map[*source.File]bool{}
	for _, e := range edits {
		if !seen[e.Span.File] {
			seen[e.Span.File] = true
			list = append(list, e.Span.File)
		}
	}
	return list
}

func of(file *source.File, edits []Edit) []Edit {
	var list []Edit
	for _, e := range edits {
		if e.Span.File == file {
			list = append(list, e)
		}
	}
	return list
}

// Apply returns the file with the edits made, in the order Validate states. All
// edits must name f itself: an edit of another File, be it another version of the
// same path, is refused with an error that wraps ErrStale. Invalid and
// overlapping edits are refused as by Validate. Without an edit that changes
// something f itself comes back.
func Apply(f *source.File, edits []Edit) (*source.File, error) {
	if f == nil {
		return nil, fmt.Errorf("%w: no file", ErrInvalid)
	}
	for _, e := range edits {
		if e.Span.File != nil && e.Span.File != f {
			return nil, fmt.Errorf("%w: %s given for %s", ErrStale, e.Span.File.Path, f.Path)
		}
	}
	sorted, err := order(edits)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	last := 0
	for _, e := range sorted {
		b.WriteString(f.Text[last:e.Span.Start])
		b.WriteString(e.New)
		last = e.Span.End
	}
	b.WriteString(f.Text[last:])
	if b.String() == f.Text {
		return f, nil
	}
	return f.With(b.String()), nil
}
