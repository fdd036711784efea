package engine

import (
	"slices"
	"sync"

	"github.com/mpfix/mpfix/rewrite/source"
)

// memo is a snapshot that reads each file once, so that every span of a version
// of a file names the same File.
type memo struct {
	base  source.Snapshot
	paths []string

	mu    sync.Mutex
	files map[string]*slot
}

type slot struct {
	once sync.Once
	file *source.File
	err  error
}

func newMemo(base source.Snapshot) *memo {
	paths := slices.Clone(base.Paths())
	slices.Sort(paths)
	return &memo{base: base, paths: slices.Compact(paths), files: map[string]*slot{}}
}

func (m *memo) Paths() []string { return slices.Clone(m.paths) }

func (m *memo) File(path string) (*source.File, error) {
	m.mu.Lock()
	s := m.files[path]
	if s == nil {
		s = &slot{}
		m.files[path] = s
	}
	m.mu.Unlock()
	s.once.Do(func() { s.file, s.err = m.base.File(path) })
	return s.file, s.err
}
