package startup

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// effect is what a statement at module level does besides binding names.
type effect int

const (
	none          effect = iota // computes, or sets up the process
	visible                     // prints, asks, writes files, makes objects for processes
	unknownEffect               // may do anything
)

// visibleCalls are library calls whose repetition in every child is noticed or
// wasted: output, input, files and folders, other programs, arguments, time.
var visibleCalls = []string{
	"builtins.print", "builtins.input", "builtins.open", "sys.stdout.", "sys.stderr.", "os.makedirs", "os.mkdir", "os.remove", "os.unlink",
	"os.rename", "os.replace", "os.rmdir", "os.system", "shutil.", "subprocess.", "pathlib.Path.mkdir", "pathlib.Path.write_text",
	"pathlib.Path.write_bytes", "pathlib.Path.unlink", "time.sleep", "time.time", "time.perf_counter", "time.monotonic", "timeit.default_timer",
	"argparse.", "tempfile.", "logging.info", "logging.debug", "logging.warning", "logging.error", "logging.getLogger.info",
	"logging.getLogger.debug", "logging.getLogger.warning", "logging.getLogger.error", "datetime.datetime.now", "requests.", "urllib.request.",
	"sqlite3.connect", "tqdm.", "os.getpid", "random.", "uuid.", "getpass.", "threading.Thread", "threading.Timer",
}

// effect judges one statement.
func (g *Guard) effect(s *syntax.Node) effect {
	if g.model.Configures(s) {
		return none
	}
	worst := none
	if !s.Is("expression_statement", "for_statement", "if_statement", "with_statement", "try_statement", "while_statement", "pass_statement", "assert_statement") {
		return unknownEffect
	}
	s.Walk(func(n *syntax.Node) bool {
		if n.Is("function_definition", "class_definition", "lambda") {
			return false
		}
		if n.Kind == "call" {
			worst = max(worst, g.callEffect(n, map[*project.Def]bool{}))
		}
		if n.Is("assignment", "augmented_assignment") && !n.Field("left").Is("identifier", "pattern_list", "tuple_pattern") && assignment(s) {
			worst = unknownEffect
		}
		return true
	})
	return worst
}

func (g *Guard) callEffect(n *syntax.Node, inside map[*project.Def]bool) effect {
	if o := g.model.ObjectAt(n); o != nil && o.Kind != process.Context && o.Kind <= process.Proxy {
		return visible
	}
	if first, _ := g.model.EndsAt(n); first != nil {
		return visible
	}
	if g.model.Computes(n) { // what its arguments do is asked call by call
		return none
	}
	values, known := g.model.Project.Values(n.Field("function"))
	if !known || len(values) == 0 {
		return unknownEffect
	}
	worst := none
	for _, v := range values {
		switch v.Kind {
		case project.External:
			if !visibleCall(strings.ReplaceAll(v.Name, "()", "")) {
				return unknownEffect
			}
			worst = max(worst, visible)
		case project.Function, project.Method:
			worst = max(worst, g.bodyEffect(v.Def, inside))
		case project.Class:
			if init := g.model.Project.Method(v.Def, "__init__"); init != nil {
				worst = max(worst, g.bodyEffect(init, inside))
			}
		default:
			return unknownEffect
		}
	}
	return worst
}

func visibleCall(name string) bool {
	for _, v := range visibleCalls {
		if name == v || strings.HasPrefix(name, v) && (strings.HasSuffix(v, ".") || strings.HasPrefix(name, v+".")) {
			return true
		}
	}
	return false
}

func (g *Guard) bodyEffect(d *project.Def, inside map[*project.Def]bool) effect {
	if inside[d] {
		return none
	}
	inside[d] = true
	worst := none
	d.Walk(func(n *syntax.Node) {
		switch n.Kind {
		case "global_statement", "nonlocal_statement", "exec_statement":
			worst = unknownEffect
		case "call":
			worst = max(worst, g.callEffect(n, inside))
		}
	})
	return worst
}

func definition(s *syntax.Node) bool {
	return s.Is("function_definition", "class_definition", "decorated_definition")
}

func importing(s *syntax.Node) bool {
	return s.Is("import_statement", "import_from_statement", "future_import_statement")
}

// docstring says whether the i-th statement of a module is its docstring.
func docstring(s *syntax.Node, i int) bool {
	return i == 0 && s.Kind == "expression_statement" && len(s.NamedChildren()) == 1 && s.NamedChildren()[0].Is("string", "concatenated_string")
}

// assignment says whether a statement is one plain assignment to names.
func assignment(s *syntax.Node) bool {
	if s.Kind != "expression_statement" || len(s.NamedChildren()) != 1 {
		return false
	}
	a := s.NamedChildren()[0]
	return a.Kind == "assignment" && a.Field("right") != nil && a.Field("left").Is("identifier", "pattern_list", "tuple_pattern")
}

// isGuard says whether a statement at module level is a main guard.
func isGuard(m *process.Model, s *syntax.Node) bool {
	if !s.Is("if_statement", "match_statement") {
		return false
	}
	body := s.Field("consequence")
	if body == nil {
		body = s.Field("body")
	}
	if body == nil {
		return false
	}
	for _, c := range body.NamedChildren() {
		if m.GuardOf(c) == s {
			return true
		}
	}
	return false
}
