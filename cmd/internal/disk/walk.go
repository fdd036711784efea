package disk

import (
	"os"
	"path/filepath"
)

// skipped are folders that hold no source of the project.
var skipped = map[string]bool{
	".git": true, ".hg": true, ".svn": true, ".bzr": true, ".jj": true,
	".venv": true, ".tox": true, ".nox": true, ".eggs": true, ".direnv": true,
	".mypy_cache": true, ".pytest_cache": true, ".ruff_cache": true,
	".ipynb_checkpoints": true, "__pycache__": true, "__pypackages__": true,
	"node_modules": true, "site-packages": true,
}

// environment are files that mark a folder as a Python environment: of venv
// (PEP 405) and of conda.
var environment = []string{"pyvenv.cfg", "conda-meta"}

// walk calls visit for each Python file below the folder abs, in the order of
// names, with its path and its path without symbolic links; real is abs without
// symbolic links. Symbolic links below the folder are not followed, as git does
// not, so there are no loops. A folder that cannot be read is a problem.
func (t *Tree) walk(abs, real string, visit func(abs, real string)) {
	t.walkFolder(abs, real, ignoresAbove(abs), visit)
}

func (t *Tree) walkFolder(abs, real string, above *ignores, visit func(abs, real string)) {
	entries, err := os.ReadDir(abs)
	if err != nil {
		t.problems.add(t.name(abs), err)
		return
	}
	rules := above.within(abs)
	for _, e := range entries {
		name, path := e.Name(), filepath.Join(abs, e.Name())
		switch {
		case e.IsDir():
			if !skipped[name] && !isEnvironment(path) && !rules.match(path, true) {
				t.walkFolder(path, filepath.Join(real, name), rules, visit)
			}
		case e.Type().IsRegular():
			if hasPythonName(name) && !rules.match(path, false) {
				visit(path, filepath.Join(real, name))
			}
		}
	}
}

func isEnvironment(folder string) bool {
	for _, mark := range environment {
		if _, err := os.Stat(filepath.Join(folder, mark)); err == nil {
			return true
		}
	}
	return false
}

// exists says whether there is anything of that name.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
