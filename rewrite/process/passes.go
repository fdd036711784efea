package process

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Inheritable says whether an object of a kind may be given to a child when it is
// started: as an argument of a Process or of a pool's initializer.
func Inheritable(k Kind) bool {
	switch k {
	case Queue, JoinableQueue, SimpleQueue, Connection, Lock, Condition, Event, Barrier, SharedValue, RawValue, SharedArray, RawArray, Proxy, SharedMemory:
		return true
	}
	return false
}

// Passes says whether a value is known to reach a child whole when it is given to
// it at its start: it pickles, or is inherited. False means that it does not, or
// that this is not known.
func (m *Model) Passes(v project.Value) bool { return m.passes(v, 0) }

// PassesAll asks Passes of all that a module-level name may hold.
func (m *Model) PassesAll(b *scope.Binding) bool {
	values, known := m.Project.BindingValues(b)
	return known && m.all(values, 0)
}

func (m *Model) all(values []project.Value, depth int) bool {
	for _, v := range values {
		if !m.passes(v, depth) {
			return false
		}
	}
	return true
}

func (m *Model) passes(v project.Value, depth int) bool {
	if depth > maxPath {
		return false
	}
	switch v.Kind {
	case project.Function, project.Class:
		return v.Def != nil && v.Def.TopLevel() && !m.Guarded(v.Def.Node)
	case project.Literal:
		if v.Node.Is("generator_expression") {
			return false
		}
		if v.Node.Is("list", "tuple", "dictionary", "set", "list_comprehension", "dictionary_comprehension", "set_comprehension", "expression_list") {
			elements, known := m.Project.Elements(v)
			return m.computed(v.Node) || known && m.all(elements, depth+1)
		}
		return true
	case project.Instance:
		return m.passesObject(v, depth)
	case project.External:
		if o := m.ObjectAt(v.Node); o != nil && v.Node != nil && strings.HasSuffix(v.Name, ")") {
			return Inheritable(o.Kind)
		}
		if first, _ := m.EndsAt(v.Node); first != nil {
			return true
		}
		name := strings.ReplaceAll(v.Name, "()", "")
		if holders[v.ResultOf()] {
			elements, known := m.Project.Elements(v)
			return m.computed(v.Node) || known && m.all(elements, depth+1)
		}
		return !lazy[name] && (computes(name) && !strings.HasPrefix(name, "itertools.") || plain(name))
	}
	return false
}

// computed says whether an expression is made of constants and of calls that give
// plain values.
func (m *Model) computed(n *syntax.Node) bool {
	ok := true
	n.Walk(func(c *syntax.Node) bool {
		switch c.Kind {
		case "identifier", "lambda", "await", "yield":
			ok = ok && c.Parent.Is("keyword_argument") && c.FieldName == "name"
		}
		return ok
	})
	return ok
}

func (m *Model) passesObject(v project.Value, depth int) bool {
	if v.Def == nil || !v.Def.TopLevel() || m.Guarded(v.Def.Node) || m.StateOf(v.Def).Opaque {
		return false
	}
	_, external, known := m.Project.Ancestors(v.Def)
	if !known {
		return false
	}
	for _, base := range external {
		if !plainBases[base] {
			return false
		}
	}
	state := m.StateOf(v.Def)
	for _, s := range m.AttributeSites(v.Def) {
		if state.Dropped[s.Attr] {
			continue
		}
		if s.Value == nil {
			return false
		}
		values, known := m.Project.Values(s.Value)
		if !known || !m.all(values, depth+1) {
			return false
		}
	}
	return true
}

// lazy are builtins whose results are iterators or views that do not pickle, or
// whose pickling is not worth relying on.
var lazy = map[string]bool{
	"builtins.map": true, "builtins.filter": true, "builtins.zip": true, "builtins.enumerate": true, "builtins.reversed": true,
	"builtins.iter": true, "builtins.super": true, "builtins.getattr": true, "builtins.next": true, "re.finditer": true, "multiprocessing.get_context": true,
	"multiprocessing.current_process": true, "enum.Enum": true, "functools.partial": true,
}

// plain says whether a callable of a library gives values that pickle.
func plain(name string) bool {
	for _, p := range plainResults {
		if name == p || strings.HasSuffix(p, ".") && strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// plainResults are library calls, less the parentheses, whose results pickle; a
// name with a dot at its end stands for all below it.
var plainResults = []string{
	"argparse.ArgumentParser.parse_args", "argparse.ArgumentParser.parse_known_args", "argparse.Namespace", "types.SimpleNamespace",
	"json.load", "json.loads", "tomllib.load", "tomllib.loads", "yaml.safe_load", "configparser.ConfigParser", "builtins.input",
	"builtins.open.read", "builtins.open.readlines", "builtins.open.readline", "pathlib.Path.read_text", "pathlib.Path.read_bytes",
	"os.listdir", "os.environ.copy", "os.path.", "os.getpid", "os.urandom", "tempfile.mkdtemp", "tempfile.gettempdir", "glob.glob", "sys.argv",
	"time.time", "time.perf_counter", "time.monotonic", "time.strftime", "datetime.", "random.", "uuid.uuid4", "secrets.token_hex", "platform.",
	"numpy.array", "numpy.zeros", "numpy.ones", "numpy.arange", "numpy.linspace", "numpy.load", "pandas.read_csv", "pandas.DataFrame",
	"logging.getLogger", "builtins.object",
}
