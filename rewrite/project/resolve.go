package project

import (
	"path"
	"strings"

	"github.com/mpfix/mpfix/rewrite/scope"
)

type importKey struct{ dir, module string }

// place is where a module is: a file, or the folder of a namespace package (a
// folder without __init__.py), or neither.
type place struct{ file, folder string }

// isFile says whether the snapshot has the path. Files outside Paths are
// asked for one by one, as an import may lead out of the named folder.
func (p *Project) isFile(name string) bool {
	if p.paths[name] {
		return true
	}
	is, asked := p.files[name]
	if !asked {
		_, err := p.snap.File(name)
		is = err == nil
		p.files[name] = is
	}
	return is
}

func (p *Project) addFolders(file string) {
	for dir := path.Dir(file); !p.folders[dir]; dir = path.Dir(dir) {
		p.folders[dir] = true
	}
}

func (p *Project) isPackage(dir string) bool { return p.isFile(path.Join(dir, "__init__.py")) }

// lookIn looks for a module below a folder. The namespace package is what is
// left when there is no file.
func (p *Project) lookIn(root, module string) (found place, ok bool) {
	base := path.Join(root, strings.ReplaceAll(module, ".", "/"))
	if module != "" {
		for _, f := range []string{path.Join(base, "__init__.py"), base + ".py"} {
			if p.isFile(f) {
				return place{file: f}, true
			}
		}
	} else if p.isPackage(base) {
		return place{file: path.Join(base, "__init__.py")}, true
	}
	if p.folders[base] {
		return place{folder: base}, true
	}
	return place{}, false
}

// topDir returns the folder above the outermost package that holds a file, and
// the dotted name of that file's folder below it.
func (p *Project) topDir(file string) (dir, pkg string) {
	dir = path.Dir(file)
	for dir != "." && dir != "/" && dir != ".." && p.isPackage(dir) {
		if pkg == "" {
			pkg = path.Base(dir)
		} else {
			pkg = path.Base(dir) + "." + pkg
		}
		dir = path.Dir(dir)
	}
	return dir, pkg
}

// moduleName returns the dotted name by which a file is imported, and the
// package its relative imports start from.
func (p *Project) moduleName(file string) (name, pkg string) {
	_, pkg = p.topDir(file)
	base := strings.TrimSuffix(strings.TrimSuffix(path.Base(file), ".py"), ".pyw")
	switch {
	case base == "__init__":
		return pkg, pkg
	case pkg == "":
		return base, ""
	}
	return pkg + "." + base, pkg
}

// find returns where an absolute module name leads as seen from a file; nowhere
// if it is not of this project.
//
// Roots are tried in the order of Python's sys.path for a script: its own
// folder, then the folder above its package, then the folders above that with
// their src and lib folders, as test runners and installed projects have them.
// A namespace package counts only when no root has a file (PEP 420).
func (p *Project) find(from, module string) place {
	key := importKey{path.Dir(from), module}
	if f, ok := p.found[key]; ok {
		return f
	}
	f := p.findNow(from, module)
	p.found[key] = f
	return f
}

func (p *Project) findNow(from, module string) place {
	var folder place
	try := func(root string) (place, bool) {
		found, ok := p.lookIn(root, module)
		if !ok {
			return found, false
		}
		if found.file == "" && folder.folder == "" {
			folder = found
		}
		return found, found.file != ""
	}
	top, _ := p.topDir(from)
	if top != path.Dir(from) {
		if found, ok := try(top); ok {
			return found
		}
	}
	// A module of a package reaches its siblings by their bare names only when
	// it is run as a script: for a name of the standard library that is not
	// what is meant.
	if first, _, _ := strings.Cut(module, "."); stdlib[first] {
		if found, ok := try(top); ok {
			return found
		}
		return place{}
	}
	for dir := path.Dir(from); ; dir = path.Dir(dir) {
		for _, root := range []string{dir, path.Join(dir, "src"), path.Join(dir, "lib")} {
			if found, ok := try(root); ok {
				return found
			}
		}
		if isTop(dir) {
			return folder
		}
	}
}

func isTop(dir string) bool {
	return dir == "." || dir == "/" || dir == ".." || strings.HasSuffix(dir, "/..") || path.Dir(dir) == dir
}

// relative returns the folder that the dots of a relative import name; ok is
// false when there are more than folders.
func relative(m *scope.Module, level int) (dir string, ok bool) {
	dir = path.Dir(m.Tree.File.Path)
	for ; level > 1; level-- {
		if isTop(dir) {
			return "", false
		}
		dir = path.Dir(dir)
	}
	return dir, true
}

// locate returns where an import finds its module, or a module below it.
func (p *Project) locate(m *scope.Module, imp *scope.Import, below string) place {
	module := imp.Module
	if below != "" {
		if module != "" {
			module += "."
		}
		module += below
	}
	return p.locateModule(m, imp.Level, module)
}

func (p *Project) locateModule(m *scope.Module, level int, module string) place {
	if level == 0 {
		return p.find(m.Tree.File.Path, module)
	}
	dir, ok := relative(m, level)
	if !ok {
		return place{}
	}
	found, _ := p.lookIn(dir, module)
	return found
}

// importedFiles lists the project files that an import statement makes Python
// execute and that can carry what it binds.
func (p *Project) importedFiles(m *scope.Module, imp *scope.Import) []string {
	var files []string
	add := func(module string) {
		if f := p.locateModule(m, imp.Level, module).file; f != "" && f != m.Tree.File.Path {
			files = append(files, f)
		}
	}
	if imp.Level > 0 {
		add("")
	}
	parts := strings.Split(imp.Module, ".")
	for i := range parts {
		if imp.Module != "" {
			add(strings.Join(parts[:i+1], "."))
		}
	}
	if imp.Member != "" && imp.Member != "*" {
		if imp.Module == "" {
			add(imp.Member)
		} else {
			add(imp.Module + "." + imp.Member)
		}
	}
	return files
}

// target says what an import binds: a module of the project (mod), a name in
// one (mod and member), or neither when the module is not of this project.
func (p *Project) target(m *scope.Module, imp *scope.Import) (mod *scope.Module, member string) {
	if imp.Member == "" {
		module := imp.Module
		if !imp.Name.Is("aliased_import") {
			module, _, _ = strings.Cut(module, ".")
		}
		return p.opened(p.find(m.Tree.File.Path, module)), ""
	}
	parent := p.opened(p.locate(m, imp, ""))
	if parent != nil && parent != m {
		if p.hasName(parent, imp.Member) {
			return parent, imp.Member
		}
	}
	if imp.Member == "*" {
		return parent, ""
	}
	if sub := p.opened(p.locate(m, imp, imp.Member)); sub != nil {
		return sub, ""
	}
	if parent == nil {
		return nil, ""
	}
	return parent, imp.Member
}

// hasName says whether a module's own code binds the name to more than its
// submodule of that name.
func (p *Project) hasName(m *scope.Module, name string) bool {
	b := m.Top.Names[name]
	if b == nil {
		return false
	}
	for _, d := range b.Defs {
		if d.Kind != scope.Imported || d.Import.Member != name || p.opened(p.locate(m, d.Import, "")) != m {
			return true
		}
	}
	return false
}

func (p *Project) opened(at place) *scope.Module {
	if at.file == "" {
		return nil
	}
	return p.module(at.file)
}

// namespace returns the folder of the namespace package that an import binds.
func (p *Project) namespace(m *scope.Module, imp *scope.Import) string {
	if imp.Member == "" {
		module := imp.Module
		if !imp.Name.Is("aliased_import") {
			module, _, _ = strings.Cut(module, ".")
		}
		return p.find(m.Tree.File.Path, module).folder
	}
	return p.locate(m, imp, imp.Member).folder
}

// starExports says which names "from module import *" binds, for scope: those
// of the process modules, which mpfix knows.
func (p *Project) starExports(module string) ([]string, bool) {
	names, ok := stdStars[module]
	return names, ok
}

// stdStars lists what the star imports of process modules bind, from the
// __all__ of CPython 3.14's modules.
var stdStars = map[string][]string{
	"multiprocessing": {
		"Array", "AuthenticationError", "Barrier", "BoundedSemaphore", "BufferTooShort", "Condition", "Event",
		"JoinableQueue", "Lock", "Manager", "Pipe", "Pool", "Process", "ProcessError", "Queue", "RLock",
		"RawArray", "RawValue", "Semaphore", "SimpleQueue", "TimeoutError", "Value", "active_children",
		"allow_connection_pickling", "cpu_count", "current_process", "freeze_support", "get_all_start_methods",
		"get_context", "get_logger", "get_start_method", "log_to_stderr", "parent_process", "reducer",
		"set_executable", "set_forkserver_preload", "set_start_method",
	},
	"concurrent.futures": {
		"FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED", "CancelledError", "TimeoutError",
		"BrokenExecutor", "Future", "Executor", "wait", "as_completed", "ProcessPoolExecutor", "ThreadPoolExecutor",
	},
	"multiprocessing.pool":   {"Pool", "ThreadPool"},
	"multiprocessing.dummy":  {"Process", "current_process", "active_children", "freeze_support", "Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition", "Event", "Barrier", "Queue", "Manager", "Pipe", "Pool", "JoinableQueue"},
	"threading":              {"get_ident", "active_count", "Condition", "current_thread", "enumerate", "main_thread", "TIMEOUT_MAX", "Event", "Lock", "RLock", "Semaphore", "BoundedSemaphore", "Thread", "Barrier", "BrokenBarrierError", "Timer", "ThreadError", "setprofile", "settrace", "local", "stack_size", "excepthook", "get_native_id"},
	"queue":                  {"Empty", "Full", "Queue", "PriorityQueue", "LifoQueue", "SimpleQueue"},
	"time":                   {"time", "sleep", "perf_counter", "monotonic", "process_time", "strftime", "localtime", "gmtime", "ctime", "asctime", "mktime", "strptime", "time_ns", "struct_time"},
	"random":                 {"Random", "SystemRandom", "betavariate", "choice", "choices", "expovariate", "gauss", "getrandbits", "getstate", "lognormvariate", "normalvariate", "paretovariate", "randbytes", "randint", "random", "randrange", "sample", "seed", "setstate", "shuffle", "triangular", "uniform", "vonmisesvariate", "weibullvariate"},
	"math":                   {"acos", "asin", "atan", "atan2", "ceil", "cos", "degrees", "e", "exp", "fabs", "factorial", "floor", "fmod", "frexp", "gcd", "hypot", "isnan", "isinf", "log", "log10", "log2", "modf", "pi", "pow", "radians", "sin", "sqrt", "tan", "trunc"},
	"multiprocessing.queues": {"Queue", "SimpleQueue", "JoinableQueue"},
}
