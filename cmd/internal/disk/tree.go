// Package disk is the file system as mpfix sees it: the Python files under the
// paths that were named, read when asked for, and written back whole. It is the
// one place that writes files.
package disk

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/source"
)

// Tree is the Python files under some paths, as a source.Snapshot. Paths lists
// the files that were named or found in named folders; File also gives other
// files of the same project, such as the module beside a script. It is safe for
// use by many goroutines.
//
// A file has one name: slash-separated, relative to the working directory, or
// absolute where the user named an absolute path. Another spelling of that name
// is no file, so that no file is seen twice.
type Tree struct {
	dir      string            // the working directory, absolute
	absolute bool              // names are absolute
	paths    []string          // the listed names, sorted
	listed   map[string]string // name to absolute path
	seen     map[string]bool   // absolute paths, symbolic links resolved
	roots    []root
	cache    cache
	problems problems
}

// Open finds the Python files under args, each a file or a folder, absolute or
// relative to dir. A file named there is taken whatever its ignore files say; in
// folders, files ending in .py and .pyw are. What cannot be taken is listed by
// Problems, and the rest is still done.
func Open(dir string, args []string) *Tree {
	t := &Tree{
		dir:      dir,
		absolute: len(args) > 0 && !slices.ContainsFunc(args, func(a string) bool { return !filepath.IsAbs(a) }),
		listed:   map[string]string{},
		seen:     map[string]bool{},
	}
	for _, arg := range args {
		t.take(arg)
	}
	for name := range t.listed {
		t.paths = append(t.paths, name)
	}
	slices.Sort(t.paths)
	return t
}

// Beside is the project of one file, relative to dir or absolute, which need not
// exist, with no listed paths. It returns the file's name in that tree too.
func Beside(dir, file string) (t *Tree, name string) {
	t = Open(dir, nil)
	t.absolute = filepath.IsAbs(filepath.FromSlash(file))
	abs := t.abs(file)
	t.addRoot(filepath.Dir(abs), false)
	return t, t.name(abs)
}

// take lists the file or the files of the folder that one argument names.
func (t *Tree) take(arg string) {
	if arg == "" {
		t.problems.add(`""`, errors.New("an empty path"))
		return
	}
	abs := t.abs(filepath.ToSlash(arg))
	shown := filepath.ToSlash(arg)
	info, err := os.Stat(abs)
	if err != nil {
		t.problems.add(shown, err)
		return
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		t.problems.add(shown, err)
		return
	}
	switch {
	case info.IsDir():
		t.addRoot(abs, true)
		t.walk(abs, real, t.list)
	case !info.Mode().IsRegular():
		t.problems.add(shown, errors.New("not a regular file"))
	default:
		python, err := isPython(abs)
		switch {
		case err != nil:
			t.problems.add(shown, err)
		case !python:
			t.problems.add(shown, errors.New("not a Python file (no .py or .pyw ending, no python on a #! line)"))
		default:
			t.addRoot(filepath.Dir(abs), false)
			t.list(abs, real)
		}
	}
}

// list adds one file under its name; real is its path without symbolic links.
func (t *Tree) list(abs, real string) {
	if t.seen[real] {
		return
	}
	t.seen[real] = true
	t.listed[t.name(abs)] = abs
}

// name is the one name of the file at an absolute path.
func (t *Tree) name(abs string) string {
	if !t.absolute {
		if rel, err := filepath.Rel(t.dir, abs); err == nil {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.ToSlash(abs)
}

// abs is the absolute path of a slash-separated name.
func (t *Tree) abs(name string) string {
	p := filepath.FromSlash(name)
	if !filepath.IsAbs(p) {
		p = filepath.Join(t.dir, p)
	}
	return filepath.Clean(p)
}

// Abs is the absolute path, in the system's form, of the file of that name.
func (t *Tree) Abs(name string) string { return t.abs(name) }

// Paths lists the files that were named or found, sorted.
func (t *Tree) Paths() []string { return slices.Clone(t.paths) }

// File reads a file once and decodes it. A listed file that cannot be read or
// decoded is also among Problems. Of other files only those that end in .py or
// .pyw and lie in the project of a named path exist.
func (t *Tree) File(name string) (*source.File, error) {
	abs, listed := t.listed[name]
	if !listed {
		abs = t.abs(name)
		if !hasPythonName(name) || t.name(abs) != name || !t.inProject(abs) {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
	}
	f, err := t.cache.read(name, abs)
	if err != nil && listed {
		t.problems.add(name, err)
	}
	return f, err
}

// Problems lists what could not be taken or read so far, one for each path, in
// the order of the paths.
func (t *Tree) Problems() []Problem { return t.problems.sorted() }

// hasPythonName says whether a file's name ends as Python source files do.
func hasPythonName(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	return ext == ".py" || ext == ".pyw"
}
