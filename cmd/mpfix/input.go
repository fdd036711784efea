package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/mpfix/mpfix/cmd/internal/disk"
	"github.com/mpfix/mpfix/rewrite/source"
)

// input is what a run looks at: the whole project, of which only the asked files
// are reported and changed.
type input struct {
	tree  *disk.Tree
	snap  source.Snapshot
	asked map[string]bool
	stdin *source.File // nil when files were named
}

// project is a tree with all files of its projects among its paths, so that every
// use of a name is seen.
type project struct {
	*disk.Tree
	paths []string
}

// Paths lists all files of the projects.
func (p project) Paths() []string { return p.paths }

func (a *App) openFiles(args []string) *input {
	if len(args) == 0 {
		args = []string{"."}
	}
	tree := disk.Open(a.Dir, args)
	in := &input{tree: tree, snap: project{tree, tree.Neighbours()}, asked: map[string]bool{}}
	for _, path := range tree.Paths() {
		in.asked[path] = true
	}
	return in
}

// openStdin reads one file from standard input. A name puts it into a project, in
// the place of the file on disk; without one it stands alone.
func (a *App) openStdin(name string) (*input, error) {
	raw, err := io.ReadAll(a.Stdin)
	if err != nil {
		return nil, fmt.Errorf("standard input: %w", err)
	}
	in := &input{}
	if name == "" {
		name = "stdin.py"
		in.tree = disk.Open(a.Dir, nil)
	} else {
		in.tree, name = disk.Beside(a.Dir, filepath.ToSlash(name))
	}
	if in.stdin, err = source.Decode(name, raw); err != nil {
		return nil, err
	}
	in.asked = map[string]bool{name: true}
	in.snap = source.Overlay(project{in.tree, in.tree.Neighbours()}, map[string]*source.File{name: in.stdin})
	return in, nil
}
