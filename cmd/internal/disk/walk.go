package disk

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// skipped are folders that hold no source of the project.
var skipped = map[string]bool{
	".git": true, ".hg": true, ".svn": true, ".bzr": true, ".jj": true,
	".venv": true, ".tox": true, ".nox": true, ".eggs": true, ".direnv": true,
	".mypy_cache": true, ".pytest_cache": true, ".ruff_cache": true,
	".ipynb_checkpoints": true, "__pycache__": true, "__pypackages__": true,
	"node_modules": true, "site-packages": true,
}

// marksEnvironment says whether an entry makes its folder a Python environment: of
// venv (PEP 405) or of conda.
func marksEnvironment(e fs.DirEntry) bool {
	return e.Name() == "pyvenv.cfg" || e.Name() == "conda-meta"
}

// walk calls visit for each Python file below the folder abs, in the order of
// names, with its path and its path without symbolic links; real is abs without
// symbolic links. Symbolic links below the folder are not followed, as git does
// not, so there are no loops. A folder that cannot be read is a problem.
func (t *Tree) walk(abs, real string, visit func(abs, real string)) {
	t.walkFolder(abs, real, true, ignoresAbove(abs), visit)
}

func (t *Tree) walkFolder(abs, real string, first bool, above *ignores, visit func(abs, real string)) {
	entries, err := os.ReadDir(abs)
	if err != nil {
		t.problems.add(t.name(abs), err)
		return
	}
	if !first && slices.ContainsFunc(entries, marksEnvironment) {
		return
	}
	rules := above.within(abs)
	for _, e := range entries {
		name, path := e.Name(), filepath.Join(abs, e.Name())
		switch {
		case e.IsDir():
			if !skipped[name] && !rules.match(path, true) {
				t.walkFolder(path, filepath.Join(real, name), false, rules, visit)
			}
		case e.Type().IsRegular():
			if hasPythonName(name) && !rules.match(path, false) {
				visit(path, filepath.Join(real, name))
			}
		}
	}
}

// exists says whether there is anything of that name.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
