package process

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Repeatable says whether every process that evaluates an expression gets an
// equal value and nobody notices that it was evaluated again: it is made of
// constants, names, operators, and calls of functions that only compute. Names
// are taken as they are; whether they are bound alike in each process is for
// the caller to ask.
func (m *Model) Repeatable(expr *syntax.Node) bool {
	return m.repeatable(expr, map[*project.Def]bool{})
}

func (m *Model) repeatable(expr *syntax.Node, inside map[*project.Def]bool) bool {
	if expr == nil {
		return false
	}
	ok := true
	expr.Walk(func(n *syntax.Node) bool {
		switch n.Kind {
		case "call":
			ok = ok && m.repeatableCall(n, inside)
		case "await", "yield", "named_expression", "ERROR":
			ok = false
		case "lambda":
			return false
		}
		return ok
	})
	return ok
}

// Computes says whether what a call runs only computes, whatever its arguments
// do.
func (m *Model) Computes(call *syntax.Node) bool {
	return m.repeatableCall(call, map[*project.Def]bool{})
}

func (m *Model) repeatableCall(n *syntax.Node, inside map[*project.Def]bool) bool {
	values, known := m.Project.Values(n.Field("function"))
	if !known || len(values) == 0 {
		return false
	}
	for _, v := range values {
		switch v.Kind {
		case project.External:
			if !computes(strings.ReplaceAll(v.Name, "()", "")) {
				return false
			}
		case project.Function, project.Method:
			if !m.repeatableBody(v.Def, inside) {
				return false
			}
		case project.Class:
			init := m.Project.Method(v.Def, "__init__")
			_, external, known := m.Project.Ancestors(v.Def)
			for _, e := range external {
				if !computes(e) {
					return false
				}
			}
			if !known || init != nil && !m.repeatableBody(init, inside) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// repeatableBody says whether calling a function of the project only computes:
// it changes nothing but its own names, attributes of self, and what it made.
func (m *Model) repeatableBody(d *project.Def, inside map[*project.Def]bool) bool {
	if inside[d] {
		return true
	}
	inside[d] = true
	if d.IsGenerator() || d.IsAsync() {
		return false
	}
	ok := true
	d.Walk(func(n *syntax.Node) {
		switch n.Kind {
		case "call":
			ok = ok && m.repeatableCall(n, inside)
		case "global_statement", "nonlocal_statement", "await", "delete_statement", "print_statement", "exec_statement":
			ok = false
		case "import_statement", "import_from_statement":
			ok = false
		}
	})
	return ok
}

// computes says whether a callable of Python's library only computes a value
// from its arguments and from what is the same in all processes of a program.
func computes(name string) bool {
	if pureCalls[name] {
		return true
	}
	for _, prefix := range pureModules {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// pureModules are modules (and builtin types) all of whose functions and
// methods only compute or change the object they are called on.
var pureModules = []string{
	"math.", "cmath.", "string.", "itertools.", "operator.", "functools.", "collections.", "re.", "fractions.", "decimal.Decimal",
	"statistics.", "textwrap.", "struct.", "json.loads", "json.dumps", "enum.", "dataclasses.", "typing.", "datetime.timedelta",
	"datetime.date", "types.", "copy.", "bisect.", "heapq.", "hashlib.", "zlib.crc32", "base64.", "os.path.join", "os.path.dirname",
	"os.path.basename", "os.path.abspath", "os.path.splitext", "os.path.normpath", "os.path.expanduser", "os.path.realpath",
	"pathlib.Path", "pathlib.PurePath", "builtins.str.", "builtins.bytes.", "builtins.list.", "builtins.dict.", "builtins.set.",
	"builtins.tuple.", "builtins.int.", "builtins.float.", "builtins.frozenset.", "logging.getLogger", "abc.",
}

// pureCalls are single functions of that kind.
var pureCalls = map[string]bool{
	"builtins.len": true, "builtins.list": true, "builtins.dict": true, "builtins.set": true, "builtins.tuple": true,
	"builtins.frozenset": true, "builtins.str": true, "builtins.int": true, "builtins.float": true, "builtins.bool": true,
	"builtins.bytes": true, "builtins.bytearray": true, "builtins.range": true, "builtins.zip": true, "builtins.enumerate": true,
	"builtins.sorted": true, "builtins.reversed": true, "builtins.sum": true, "builtins.min": true, "builtins.max": true,
	"builtins.abs": true, "builtins.round": true, "builtins.map": true, "builtins.filter": true, "builtins.any": true,
	"builtins.all": true, "builtins.ord": true, "builtins.chr": true, "builtins.pow": true, "builtins.divmod": true,
	"builtins.isinstance": true, "builtins.hasattr": true, "builtins.getattr": true, "builtins.repr": true, "builtins.format": true,
	"builtins.complex": true, "builtins.slice": true, "builtins.type": true, "builtins.object": true, "builtins.hex": true,
	"builtins.bin": true, "builtins.oct": true, "builtins.super": true, "builtins.iter": true, "builtins.next": true, "builtins.hash": false,
	"os.environ.get": true, "os.getenv": true, "os.cpu_count": true, "multiprocessing.cpu_count": true, "os.getcwd": true,
	"multiprocessing.get_context": true, "multiprocessing.current_process": true, "multiprocessing.get_start_method": true, "random.Random": true, "builtins.ValueError": true, "builtins.TypeError": true,
	"builtins.RuntimeError": true, "builtins.KeyError": true, "builtins.Exception": true,
}

// configuring are calls that set up the process they run in. Every process that
// imports the module has to make them, so they stay where they are.
var configuring = []string{
	"sys.path.", "os.environ.", "os.putenv", "warnings.", "logging.basicConfig", "logging.config.", "logging.getLogger.setLevel",
	"logging.getLogger.addHandler", "logging.disable", "random.seed", "numpy.random.seed", "numpy.seterr", "numpy.set_printoptions", "torch.manual_seed",
	"torch.set_num_threads", "sys.setrecursionlimit", "sys.setswitchinterval", "decimal.getcontext", "locale.setlocale",
	"matplotlib.use", "faulthandler.", "django.setup", "os.umask", "gc.", "signal.signal", "csv.field_size_limit", "cv2.setNumThreads", "cv2.ocl.",
	"builtins.setattr", "multiprocessing.freeze_support", "pandas.set_option", "site.addsitedir", "resource.setrlimit",
}

// Configures says whether a statement sets up the process it runs in (the
// import path, the environment, logging, seeds), which each child needs too.
func (m *Model) Configures(stmt *syntax.Node) bool {
	if stmt.Kind != "expression_statement" {
		return false
	}
	c := stmt.NamedChildren()
	if len(c) != 1 {
		return false
	}
	target := c[0]
	switch target.Kind {
	case "call":
		return m.configuringName(target.Field("function"))
	case "assignment":
		left := target.Field("left")
		if left.Is("subscript") && m.nameOf(left.Field("value")) == "os.environ" {
			return m.Repeatable(target.Field("right"))
		}
		if left.Is("attribute") && m.nameOf(left) != "" { // numpy.x = 1, decimal.getcontext().prec = 9
			return m.Repeatable(target.Field("right"))
		}
	}
	return false
}

func (m *Model) configuringName(fn *syntax.Node) bool {
	name := m.nameOf(fn)
	for _, c := range configuring {
		if name == c || strings.HasSuffix(c, ".") && strings.HasPrefix(name, c) {
			return true
		}
	}
	return false
}

// nameOf is the external name of an expression with the calls taken out, or "".
func (m *Model) nameOf(n *syntax.Node) string {
	values, known := m.Project.Values(n)
	if !known || len(values) != 1 || values[0].Kind != project.External {
		return ""
	}
	return strings.ReplaceAll(values[0].Name, "()", "")
}

// Changed lists the places that change what a module-level name holds after it
// was made, seen from the name: method calls that may change it, stores into
// it, a second binding, and calls that are handed a list, dict or set and may
// change it.
func (m *Model) Changed(b *scope.Binding) (places []*syntax.Node, all bool) {
	uses, all := m.Project.Uses(b)
	for _, u := range uses {
		if u.Store && u.Node.Parent.Is("aliased_import", "import_from_statement", "dotted_name") {
			continue
		}
		if at := changedAt(m, u.Node, u.Store, b); at != nil {
			places = append(places, at)
		}
	}
	return places, all
}

func changedAt(m *Model, n *syntax.Node, store bool, b *scope.Binding) *syntax.Node {
	if store {
		if d := b.Single(); d != nil && d.Name == n {
			return nil
		}
		return n
	}
	up := n.Parent
	switch up.Kind {
	case "attribute":
		if up.Field("object") != n {
			return nil
		}
		if project.StoredTo(up) {
			return up
		}
		if call := up.Parent; call.Is("call") && up.FieldName == "function" && !readers[up.Field("attribute").Text()] {
			if m.immutable(n) {
				return nil
			}
			return call
		}
	case "subscript":
		for s := up; s.Is("subscript", "attribute"); s = s.Parent {
			if project.StoredTo(s) {
				return s
			}
			if call := s.Parent; call.Is("call") && s.Is("attribute") && s.FieldName == "function" && !readers[s.Field("attribute").Text()] && !m.immutable(s.Field("object")) {
				return call
			}
		}
	case "augmented_assignment":
		if n.FieldName == "left" {
			return up
		}
	case "argument_list":
		if m.container(n) && !m.keeps(up.Parent) {
			return up.Parent
		}
	}
	return nil
}

// immutable says whether an expression is known to hold constants only, or a
// module, class or function.
func (m *Model) immutable(n *syntax.Node) bool {
	values, known := m.Project.Values(n)
	if !known || len(values) == 0 {
		return false
	}
	for _, v := range values {
		switch {
		case v.Kind == project.Module || v.Kind == project.Function || v.Kind == project.Method:
		case v.Kind == project.External && (v.Node == nil || strings.HasPrefix(v.Name, "re.") || strings.HasPrefix(v.Name, "builtins.str") || strings.HasPrefix(v.Name, "builtins.int") ||
			strings.HasPrefix(v.Name, "pathlib.") || strings.HasPrefix(v.Name, "logging.") || strings.HasPrefix(v.Name, "struct.")):
		case v.Kind == project.Literal && v.Node.Is("string", "concatenated_string", "integer", "float", "true", "false", "none", "tuple", "binary_operator", "unary_operator", "comparison_operator"):
		default:
			return false
		}
	}
	return true
}

// container says whether an expression may hold a list, dict or set.
func (m *Model) container(n *syntax.Node) bool {
	values, _ := m.Project.Values(n)
	for _, v := range values {
		if v.Kind == project.Literal && v.Node.Is("list", "dictionary", "set", "list_comprehension", "dictionary_comprehension", "set_comprehension") {
			return true
		}
		switch v.ResultOf() {
		case "builtins.list", "builtins.dict", "builtins.set", "collections.defaultdict", "collections.deque", "collections.Counter", "collections.OrderedDict":
			return true
		}
	}
	return false
}

// keeps says whether a call leaves its arguments as they are: it only computes,
// prints, or sends them to a worker.
func (m *Model) keeps(call *syntax.Node) bool {
	values, known := m.Project.Values(call.Field("function"))
	if !known || len(values) == 0 {
		return false
	}
	for _, v := range values {
		switch v.Kind {
		case project.External:
			name := strings.ReplaceAll(v.Name, "()", "")
			if name == "builtins.print" || computes(name) {
				continue
			}
			if _, _, ok := split(name); ok || strings.HasPrefix(name, "concurrent.futures.") {
				continue
			}
			return false
		case project.Function, project.Method:
			if !m.repeatableBody(v.Def, map[*project.Def]bool{}) || mutatesParameters(m, v.Def) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// mutatesParameters says whether a function changes one of its arguments by a
// store or a changing method.
func mutatesParameters(m *Model, d *project.Def) bool {
	for _, pr := range d.Params() {
		b := d.Scope.Names[pr.Name]
		if b == nil {
			continue
		}
		for _, n := range b.Uses {
			if changedAt(m, n, false, b) != nil {
				return true
			}
		}
	}
	return false
}

// readers are the methods of builtin containers and of common objects that
// leave the object as it is.
var readers = map[string]bool{
	"get": true, "items": true, "keys": true, "values": true, "copy": true, "count": true, "index": true, "union": true,
	"intersection": true, "difference": true, "issubset": true, "issuperset": true, "symmetric_difference": true, "isdisjoint": true,
	"most_common": true, "elements": true, "total": true, "format": true, "join": true, "split": true, "startswith": true, "endswith": true,
	"is_set": true, "is_alive": true, "qsize": true, "empty": true, "full": true, "exists": true, "read_text": true, "isoformat": true,
	"strftime": true, "upper": true, "lower": true, "strip": true, "encode": true, "decode": true, "match": true, "search": true, "findall": true,
	"sub": true, "fullmatch": true, "__contains__": true, "__getitem__": true, "__len__": true, "tolist": true, "sum": true, "mean": true,
}
