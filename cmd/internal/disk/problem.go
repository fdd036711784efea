package disk

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// Problem is one path that could not be taken, read or written.
type Problem struct {
	Path string // as the user named it
	Err  error
}

// Error is one line: the path and what is the matter with it.
func (p Problem) Error() string {
	text := reason(p.Err)
	if strings.HasPrefix(text, p.Path+":") { // with the line number
		return text
	}
	return p.Path + ": " + text
}

// Unwrap returns the cause.
func (p Problem) Unwrap() error { return p.Err }

// reason says what an error means without naming the path again.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file or folder"
	case errors.Is(err, fs.ErrPermission):
		return "no permission"
	}
	if inner := (*fs.PathError)(nil); errors.As(err, &inner) {
		return inner.Err.Error()
	}
	return err.Error()
}

// problems collects at most one problem for each path.
type problems struct {
	mutex sync.Mutex
	byKey map[string]Problem
}

func (p *problems) add(path string, err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.byKey == nil {
		p.byKey = map[string]Problem{}
	}
	if _, known := p.byKey[path]; !known {
		p.byKey[path] = Problem{Path: path, Err: err}
	}
}

func (p *problems) sorted() []Problem {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var list []Problem
	for _, problem := range p.byKey {
		list = append(list, problem)
	}
	slices.SortFunc(list, func(a, b Problem) int { return cmp.Compare(a.Path, b.Path) })
	return list
}
