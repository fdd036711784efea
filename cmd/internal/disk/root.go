package disk

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// rootMarks are files that stand at the top of a Python project.
var rootMarks = []string{".git", "pyproject.toml", "setup.py"}

// root is the top folder of a project.
type root struct {
	path   string
	marked bool // has one of rootMarks, or was itself named
	listed bool // was itself named, so that all its files are listed
}

// ProjectRoot is the nearest folder, from the given one upwards, that holds .git,
// pyproject.toml or setup.py; the folder itself when there is none.
func ProjectRoot(folder string) string {
	if top := above(folder, rootMarks...); top != "" {
		return top
	}
	return folder
}

// above is the nearest folder, from the given one upwards, that holds one of the
// names, or "".
func above(folder string, names ...string) string {
	for at := filepath.Clean(folder); ; at = filepath.Dir(at) {
		for _, name := range names {
			if exists(filepath.Join(at, name)) {
				return at
			}
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// addRoot notes the project of a named folder, or of the folder of a named file.
func (t *Tree) addRoot(folder string, named bool) {
	r := root{path: folder, marked: named, listed: named}
	if top := above(folder, rootMarks...); top != "" {
		r = root{path: top, marked: true, listed: named && top == filepath.Clean(folder)}
	}
	if !slices.Contains(t.roots, r) {
		t.roots = append(t.roots, r)
	}
}

// inProject says whether a path lies in the project of a named path.
func (t *Tree) inProject(abs string) bool {
	return slices.ContainsFunc(t.roots, func(r root) bool { return inside(r.path, abs) })
}

// Neighbours lists all Python files of the projects that the named paths belong
// to, the listed ones among them, sorted: whoever wants to know every use of a
// name looks there. A named file of no marked project has the files beside it as
// neighbours.
func (t *Tree) Neighbours() []string {
	found := map[string]bool{}
	for name := range t.listed {
		found[name] = true
	}
	add := func(abs, real string) {
		if !t.seen[real] {
			found[t.name(abs)] = true
		}
	}
	for _, r := range t.roots {
		if r.listed {
			continue
		}
		real, err := filepath.EvalSymlinks(r.path)
		if err != nil {
			continue
		}
		if r.marked {
			(&Tree{dir: t.dir, absolute: t.absolute}).walk(r.path, real, add)
			continue
		}
		entries, _ := os.ReadDir(r.path)
		for _, e := range entries {
			if e.Type().IsRegular() && hasPythonName(e.Name()) {
				add(filepath.Join(r.path, e.Name()), filepath.Join(real, e.Name()))
			}
		}
	}
	names := make([]string, 0, len(found))
	for name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// inside says whether a path is the folder or lies in it.
func inside(folder, path string) bool {
	rel, err := filepath.Rel(folder, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
