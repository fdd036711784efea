package main

import (
	"path/filepath"
	"strings"

	"github.com/mpfix/mpfix/cmd/internal/disk"
	"github.com/mpfix/mpfix/cmd/internal/report"
	"github.com/mpfix/mpfix/rewrite/engine"
	"github.com/mpfix/mpfix/rewrite/patch"
)

// printPatch writes the changes as one patch, in colour on a terminal.
func (a *App) printPatch(f *flags, in *input, o *outcome) error {
	base := a.patchBase(in, o.Changed)
	if base != a.Dir && !f.quiet {
		a.complain("the names in this patch are relative to %s; apply it there", filepath.ToSlash(base))
	}
	for _, c := range o.Changed {
		name := nameFrom(base, in.tree.Abs(c.Path))
		if a.colored(f.color.value) {
			if err := report.Diff(a.out, c.Before, c.After, name); err != nil {
				return err
			}
			continue
		}
		text, err := patch.Unified(c.Before, c.After, name)
		if err != nil {
			return err
		}
		if _, err := a.out.Write(text); err != nil {
			return err
		}
	}
	return nil
}

// patchBase is the folder that the names in a patch are relative to: the working
// directory when it holds all changed files, else the top of the first one's
// project, else the nearest folder that holds them all.
func (a *App) patchBase(in *input, changes []engine.Change) string {
	holdsAll := func(folder string) bool {
		for _, c := range changes {
			if !holds(folder, in.tree.Abs(c.Path)) {
				return false
			}
		}
		return true
	}
	if holdsAll(a.Dir) {
		return a.Dir
	}
	folder := filepath.Dir(in.tree.Abs(changes[0].Path))
	if top := disk.ProjectRoot(folder); holdsAll(top) {
		return top
	}
	for !holdsAll(folder) && folder != filepath.Dir(folder) {
		folder = filepath.Dir(folder)
	}
	return folder
}

func holds(folder, path string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func nameFrom(base, path string) string {
	rel, err := filepath.Rel(base, path)
	if err != nil {
		rel = path
	}
	return filepath.ToSlash(rel)
}
