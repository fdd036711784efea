package pickledhandle

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// managed are the calls whose results are closed at the end of a with
// statement, and that take a path first.
var managed = map[string]bool{
	"builtins.open": true, "io.open": true, "codecs.open": true, "gzip.open": true, "bz2.open": true, "lzma.open": true,
	"zipfile.ZipFile": true, "tarfile.open": true,
}

// byPath are the calls that open what their arguments name.
func byPath(callee string) bool {
	return managed[callee] || strings.HasSuffix(callee, ".connect") || callee == "h5py.File"
}

// bound are objects that a worker cannot make, or that would be other ones
// there: processes and pools (daemonic workers may have none), what holds on to
// objects of the parent, what multiprocessing shares.
var bound = map[process.Kind]bool{
	process.Pool: true, process.Executor: true, process.Manager: true, process.Process: true, process.Result: true, process.ResultIter: true,
	process.Queue: true, process.JoinableQueue: true, process.SimpleQueue: true, process.Lock: true, process.Condition: true,
	process.Event: true, process.Barrier: true, process.SharedValue: true, process.SharedArray: true, process.RawValue: true, process.RawArray: true,
}

// reopenable says whether an expression that gives a handle is a call which
// another process can make as well.
func reopenable(m *process.Model, value *syntax.Node) bool {
	if !value.Is("call") {
		return false
	}
	v, ok := m.Project.Only(value)
	if !ok || v.Kind != project.External || v.Node != value || strings.HasPrefix(v.ResultOf(), "weakref.") {
		return false
	}
	if t, known := process.Callable(v.ResultOf()); known && bound[t.Kind] {
		return false
	}
	return v.ResultOf() != "" && !strings.HasPrefix(v.Name, "generator:")
}

// opensForReading says whether a call opens something by its path without
// changing it.
func opensForReading(m *process.Model, value *syntax.Node) bool {
	v, ok := m.Project.Only(value)
	if !ok || !value.Is("call") || !byPath(v.ResultOf()) {
		return false
	}
	args := syntax.CallArgs(value)
	mode := args.Keywords["mode"]
	if mode == nil && len(args.Positional) > 1 && managed[v.ResultOf()] {
		mode = args.Positional[1]
	}
	if mode == nil {
		return len(args.Stars)+len(args.DoubleStars) == 0
	}
	text, ok := syntax.StringValue(mode)
	return ok && !strings.ContainsAny(text, "wax+")
}

// plain says whether identifiers hold plain data, so that a copy serves another
// process as well: strings, numbers, paths. A value of unknown origin counts
// when the call it is handed to opens by path.
func plain(m *process.Model, uses []*syntax.Node, stmt *syntax.Node) bool {
	for _, use := range uses {
		values, known := m.Project.Values(use)
		if !known {
			call := use.Ancestor("call")
			if call == nil || !call.Within(stmt) || !byPath(m.Project.ModuleOf(use).Qualified(call.Field("function"))) {
				return false
			}
		}
		for _, v := range values {
			switch v.Kind {
			case project.Literal:
				if !v.Node.Is("string", "concatenated_string", "integer", "float", "true", "false", "none", "binary_operator", "unary_operator") {
					return false
				}
			case project.External:
				if !plainResult(v.Name) {
					return false
				}
			default:
				return false
			}
		}
	}
	return true
}

// plainResult says whether an external value is a string, number or path.
func plainResult(name string) bool {
	name = strings.ReplaceAll(name, "()", "")
	for _, prefix := range []string{"os.path.", "os.getcwd", "os.getpid", "os.environ.get", "os.getenv", "os.fspath", "pathlib.", "builtins.str", "builtins.int", "builtins.float",
		"tempfile.mkdtemp", "tempfile.mkstemp", "tempfile.gettempdir", "tempfile.TemporaryDirectory.", "tempfile.TemporaryDirectory", "tempfile.NamedTemporaryFile.name", "sys.argv", "time.strftime", "time.time",
		"argparse.ArgumentParser.parse_args."} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
