package project

import (
	"path"
	"strings"

	"github.com/mpfix/mpfix/rewrite/scope"
)

type importKey struct{ dir, module string }

// isFile says whether the snapshot has the path. Files outside Paths are
// asked for one by one, as an import may lead out of the named folder.
func (p *Project) isFile(name string) bool {
	if p.paths[name] {
		return true
	}
	if m, ok := p.modules[name]; ok {
		return m != nil
	}
	_, err := p.snap.File(name)
	return err == nil
}

func (p *Project) isPackage(dir string) bool { return p.isFile(path.Join(dir, "__init__.py")) }

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

// find returns the file of an absolute module name as seen from a file, "" if
// it is not of this project. A folder without __init__.py (a namespace package)
// has no file of its own: it is returned as the folder followed by a slash.
//
// Roots are tried in the order of Python's sys.path for a script: its own
// folder, then the folder above its package, then the folders above that with
// their src and lib folders, as test runners and installed projects have them.
func (p *Project) find(from, module string) string {
	key := importKey{path.Dir(from), module}
	if f, ok := p.found[key]; ok {
		return f
	}
	rel := strings.ReplaceAll(module, ".", "/")
	top, _ := p.topDir(from)
	found := ""
	try := func(root string) bool {
		base := path.Join(root, rel)
		for _, f := range []string{path.Join(base, "__init__.py"), base + ".py"} {
			if p.isFile(f) {
				found = f
				return true
			}
		}
		return false
	}
	if top == path.Dir(from) || !try(top) {
		for dir := path.Dir(from); found == ""; dir = path.Dir(dir) {
			if try(dir) || try(path.Join(dir, "src")) || try(path.Join(dir, "lib")) {
				break
			}
			if dir == "." || dir == "/" || dir == ".." || strings.HasSuffix(dir, "/..") || path.Dir(dir) == dir {
				break
			}
		}
	}
	if found == "" {
		for dir := top; ; dir = path.Dir(dir) {
			for _, root := range []string{dir, path.Join(dir, "src")} {
				base := path.Join(root, rel) + "/"
				for known := range p.paths {
					if strings.HasPrefix(known, base) && strings.HasSuffix(known, ".py") {
						found = base
					}
				}
			}
			if found != "" || dir == "." || dir == "/" || dir == ".." || strings.HasSuffix(dir, "/..") {
				break
			}
		}
	}
	p.found[key] = found
	return found
}

// absolute returns the absolute dotted module of an import.
func absolute(m *scope.Module, imp *scope.Import) string {
	if imp.Level == 0 {
		return imp.Module
	}
	parts := strings.Split(m.Package, ".")
	if m.Package == "" {
		parts = nil
	}
	up := imp.Level - 1
	if up > len(parts) {
		return ""
	}
	parts = parts[:len(parts)-up]
	if imp.Module != "" {
		parts = append(parts, imp.Module)
	}
	return strings.Join(parts, ".")
}

// importedFiles lists the project files that an import statement makes Python
// execute and that can carry what it binds.
func (p *Project) importedFiles(m *scope.Module, imp *scope.Import) []string {
	var files []string
	add := func(module string) {
		if module == "" {
			return
		}
		if f := p.findFrom(m, module, imp.Level > 0); f != "" && !strings.HasSuffix(f, "/") {
			files = append(files, f)
		}
	}
	module := absolute(m, imp)
	parts := strings.Split(module, ".")
	for i := range parts {
		add(strings.Join(parts[:i+1], "."))
	}
	if imp.Member != "" && imp.Member != "*" {
		if module == "" && imp.Level > 0 {
			add(imp.Member)
		} else {
			add(module + "." + imp.Member)
		}
	}
	return files
}

// findFrom is find, but a relative import starts at the top of the package,
// whatever modules of that name other folders hold.
func (p *Project) findFrom(m *scope.Module, module string, relative bool) string {
	from := m.Tree.File.Path
	if !relative {
		return p.find(from, module)
	}
	top, _ := p.topDir(from)
	base := path.Join(top, strings.ReplaceAll(module, ".", "/"))
	for _, f := range []string{path.Join(base, "__init__.py"), base + ".py"} {
		if p.isFile(f) {
			return f
		}
	}
	return p.find(from, module)
}

// target says what an import binds: a module of the project (mod), a name in
// one (mod and member), or neither when the module is not of this project.
func (p *Project) target(m *scope.Module, imp *scope.Import) (mod *scope.Module, member string) {
	module := absolute(m, imp)
	relative := imp.Level > 0
	open := func(name string) *scope.Module {
		f := p.findFrom(m, name, relative)
		if f == "" || strings.HasSuffix(f, "/") {
			return nil
		}
		return p.module(f)
	}
	if imp.Member == "" {
		if imp.Local != "" && !strings.HasPrefix(module+".", imp.Local+".") {
			return open(module), "" // import a.b as c
		}
		first, _, _ := strings.Cut(module, ".")
		if imp.Local == module {
			first = module
		}
		return open(first), ""
	}
	if module == "" {
		if !relative {
			return nil, ""
		}
		return open(imp.Member), ""
	}
	parent := open(module)
	if parent != nil {
		if b := parent.Top.Names[imp.Member]; b != nil {
			return parent, imp.Member
		}
		if sub := open(module + "." + imp.Member); sub != nil {
			return sub, ""
		}
		return parent, imp.Member
	}
	return open(module + "." + imp.Member), ""
}

// starExports says which names "from module import *" binds, for scope. Only
// modules of the standard library that mpfix knows and modules of the project
// resolve; it is called while a module is built, so it must not build others.
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
