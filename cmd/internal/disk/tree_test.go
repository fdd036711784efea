package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mpfix/mpfix/rewrite/source"
)

const project = `
-- pyproject.toml --
-- pkg/main.py --
import counter
-- pkg/counter.py --
n = 0
-- pkg/window.pyw --
-- pkg/data.txt --
-- pkg/tool --
#!/usr/bin/env python3
-- pkg/shell --
#!/bin/sh
-- pkg/__pycache__/old.py --
-- pkg/node_modules/gyp.py --
-- env/pyvenv.cfg --
-- env/lib/python3/os.py --
-- venv/plain.py --
-- lib/site-packages/dep.py --
-- .hidden/h.py --
`

func TestPathsAreThoseTheUserNamed(t *testing.T) {
	dir := unpack(t, project)
	abs := func(p string) string { return filepath.ToSlash(filepath.Join(dir, p)) }
	for _, c := range []struct {
		cwd  string
		args []string
		want []string
	}{
		{".", []string{"."}, []string{".hidden/h.py", "pkg/counter.py", "pkg/main.py", "pkg/window.pyw", "venv/plain.py"}},
		{".", []string{"pkg", "./pkg/main.py"}, []string{"pkg/counter.py", "pkg/main.py", "pkg/window.pyw"}},
		{"pkg", []string{"main.py", "tool"}, []string{"main.py", "tool"}},
		{"pkg", []string{"../venv"}, []string{"../venv/plain.py"}},
		{"pkg", []string{abs("pkg/main.py")}, []string{abs("pkg/main.py")}},
		{"pkg", []string{"counter.py", abs("pkg/main.py")}, []string{"counter.py", "main.py"}},
		{".", []string{"env"}, []string{"env/lib/python3/os.py"}},
		{".", nil, nil},
	} {
		tree := Open(filepath.Join(dir, c.cwd), c.args)
		if got := tree.Paths(); !slices.Equal(got, c.want) {
			t.Errorf("in %s, %v: %v, want %v", c.cwd, c.args, got, c.want)
		}
		if p := tree.Problems(); len(p) > 0 {
			t.Errorf("in %s, %v: %v", c.cwd, c.args, p)
		}
	}
}

func TestProblemsLeaveTheRestToBeDone(t *testing.T) {
	dir := unpack(t, project+"-- bad.py --\n# coding: utf-8\ns = '\xff'\n-- good.py --\n")
	tree := Open(dir, []string{"good.py", "gone.py", "pkg/data.txt", "pkg/shell", "bad.py", ""})
	if _, err := tree.File("bad.py"); err == nil {
		t.Error("bad.py was decoded")
	}
	if _, err := tree.File("good.py"); err != nil {
		t.Error(err)
	}
	want := []string{`"": an empty path`, "bad.py:", "gone.py: no such file or folder", "pkg/data.txt: not a Python file", "pkg/shell: not a Python file"}
	got := tree.Problems()
	if len(got) != len(want) {
		t.Fatal(got)
	}
	for i, p := range got {
		if text := p.Error(); !strings.HasPrefix(text, want[i]) || strings.Contains(text, "\n") || strings.Count(text, p.Path) > 1 {
			t.Errorf("%q, want %q…", text, want[i])
		}
	}
}

func TestFileGivesTheProjectAndNothingElse(t *testing.T) {
	dir := unpack(t, project)
	outside := unpack(t, "-- other.py --\n")
	rel, err := filepath.Rel(filepath.Join(dir, "pkg"), filepath.Join(outside, "other.py"))
	if err != nil {
		t.Fatal(err)
	}
	tree := Open(filepath.Join(dir, "pkg"), []string{"main.py"})
	for name, want := range map[string]bool{
		"main.py":                 true,
		"counter.py":              true,
		"../venv/plain.py":        true,
		"../pkg/counter.py":       false, // another spelling
		"./counter.py":            false,
		"data.txt":                false,
		"gone.py":                 false,
		filepath.ToSlash(rel):     false,
		filepath.ToSlash(outside): false,
	} {
		f, err := tree.File(name)
		if (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v is not fs.ErrNotExist", name, err)
		}
		if err == nil && f.Path != name {
			t.Errorf("%s is called %s", name, f.Path)
		}
	}
	if p := tree.Problems(); len(p) > 0 {
		t.Error("a module that is not there is no problem:", p)
	}
}

func TestFileIsReadOnce(t *testing.T) {
	dir := unpack(t, "-- a.py --\nx = 1\n")
	tree := Open(dir, []string{"a.py"})
	files := make([]*source.File, 8)
	var group sync.WaitGroup
	for i := range files {
		group.Go(func() { files[i], _ = tree.File("a.py") })
	}
	group.Wait()
	for _, f := range files {
		if f == nil || f != files[0] {
			t.Fatal("two goroutines got different files")
		}
	}
}

func TestSymbolicLinksAreSafe(t *testing.T) {
	dir := unpack(t, "-- pkg/a.py --\n")
	symlink(t, "..", filepath.Join(dir, "pkg", "loop"))
	symlink(t, "a.py", filepath.Join(dir, "pkg", "b.py"))
	symlink(t, "gone.py", filepath.Join(dir, "pkg", "dangling.py"))
	if got := Open(dir, []string{"."}).Paths(); !slices.Equal(got, []string{"pkg/a.py"}) {
		t.Error(got)
	}
	if got := Open(dir, []string{"pkg/b.py", "pkg/a.py", "pkg/loop"}).Paths(); !slices.Equal(got, []string{"pkg/b.py"}) {
		t.Error("one file under two names:", got)
	}
	tree := Open(dir, []string{"pkg/dangling.py"})
	if p := tree.Problems(); len(p) != 1 || len(tree.Paths()) != 0 {
		t.Error(p)
	}
}

func TestNeighboursAreTheWholeProject(t *testing.T) {
	dir := unpack(t, project)
	tree := Open(filepath.Join(dir, "pkg"), []string{"main.py", "tool"})
	want := []string{"../.hidden/h.py", "../venv/plain.py", "counter.py", "main.py", "tool", "window.pyw"}
	if got := tree.Neighbours(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	lone := unpack(t, "-- a.py --\n-- b.py --\n-- deep/c.py --\n")
	if ProjectRoot(lone) != lone {
		t.Skip("the folder for temporary files lies in a project")
	}
	if got := Open(lone, []string{"a.py"}).Neighbours(); !slices.Equal(got, []string{"a.py", "b.py"}) {
		t.Error(got)
	}
}

func TestNotARegularFile(t *testing.T) {
	if _, err := os.Stat(os.DevNull); err != nil {
		t.Skip(err)
	}
	tree := Open(t.TempDir(), []string{os.DevNull})
	if p := tree.Problems(); len(p) != 1 || !strings.Contains(p[0].Error(), "not a regular file") {
		t.Error(p)
	}
}
