package shutdown

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Answer is yes, no, or not known.
type Answer int

// The answers.
const (
	Unknown Answer = iota
	No
	Yes
)

// putItem returns the expression that a use puts, nil when it is not seen.
func putItem(u *process.Use) *syntax.Node {
	if u.Call == nil {
		return nil
	}
	args := syntax.CallArgs(u.Call)
	if len(args.Positional) > 0 {
		return args.Positional[0]
	}
	if e := args.Keywords["obj"]; e != nil {
		return e
	}
	return args.Keywords["item"]
}

// putsSentinel says whether a use puts the sentinel: surely, surely not, or it
// is not known.
func putsSentinel(m *process.Model, u *process.Use, sentinel *syntax.Node) Answer {
	item := putItem(u)
	if item == nil {
		return Unknown
	}
	return equals(m, item, sentinel, 0)
}

// equalsNone says whether an expression may hold None.
func equalsNone(m *process.Model, expr *syntax.Node) Answer { return equals(m, expr, nil, 0) }

// equals says whether an expression holds the sentinel: yes when all that it
// may hold is the sentinel or when some of it is, no when none is.
func equals(m *process.Model, expr, sentinel *syntax.Node, depth int) Answer {
	expr = syntax.Unparen(expr)
	if expr == nil || depth > 8 {
		return Unknown
	}
	p := m.Project
	if sentinel != nil && sameName(p, expr, sentinel) {
		return Yes
	}
	switch expr.Kind {
	case "none":
		if constant(p, sentinel).Is("none") {
			return Yes
		}
		if constant(p, sentinel) != nil {
			return No
		}
		return Unknown
	case "string", "integer", "float", "true", "false", "concatenated_string":
		s := constant(p, sentinel)
		switch {
		case s == nil:
			return Unknown
		case s.Is("none"):
			return No
		case s.Text() == expr.Text():
			return Yes
		}
		a, okA := syntax.StringValue(s)
		b, okB := syntax.StringValue(expr)
		if okA && okB {
			if a == b {
				return Yes
			}
			return No
		}
		if okA != okB || s.Kind != expr.Kind {
			return No
		}
		return No
	case "tuple", "list", "dictionary", "set", "list_comprehension", "dictionary_comprehension", "set_comprehension", "lambda", "comparison_operator", "not_operator":
		if constant(p, sentinel) != nil {
			return No
		}
		return Unknown
	case "binary_operator", "unary_operator":
		if constant(p, sentinel).Is("none") {
			return No
		}
		return Unknown
	case "conditional_expression":
		parts := expr.NamedChildren()
		if len(parts) != 3 {
			return Unknown
		}
		return worst(equals(m, parts[0], sentinel, depth+1), equals(m, parts[2], sentinel, depth+1))
	}
	values, known := p.Values(expr)
	answer := No
	if !known || len(values) == 0 {
		answer = Unknown
	}
	for _, v := range values {
		one := Unknown
		switch v.Kind {
		case project.Literal:
			if v.Node != nil && v.Node != expr {
				one = equals(m, v.Node, sentinel, depth+1)
			} else if v.Node == nil && len(v.Items) > 0 {
				one = No
			}
		case project.External:
			s := constant(p, sentinel)
			if strings.HasPrefix(v.Name, "item:") && s != nil || s.Is("none") && neverNone[v.ResultOf()] || s.Is("string") && numbers[v.ResultOf()] {
				one = No
			}
		default:
			if constant(p, sentinel) != nil {
				one = No
			}
		}
		answer = worst(answer, one)
	}
	return answer
}

// neverNone are callables whose result is never None.
var neverNone = map[string]bool{
	"builtins.str": true, "builtins.int": true, "builtins.len": true, "builtins.float": true, "builtins.list": true, "builtins.dict": true,
	"builtins.tuple": true, "builtins.set": true, "builtins.range": true, "builtins.sum": true, "builtins.sorted": true, "builtins.bytes": true,
	"builtins.repr": true, "builtins.abs": true, "builtins.round": true, "time.time": true, "os.path.join": true, "os.getpid": true,
	"random.random": true, "random.randint": true, "pathlib.Path": true,
}

// numbers are callables whose result is never a string.
var numbers = map[string]bool{
	"builtins.int": true, "builtins.len": true, "builtins.float": true, "builtins.range": true, "builtins.abs": true,
	"builtins.list": true, "builtins.dict": true, "builtins.tuple": true, "builtins.set": true, "builtins.sorted": true,
}

// noneNode stands for None where a program has not written it.
var noneNode = syntax.Node{Kind: "none"}

// worst joins the answers of two things of which one is put: a sentinel among
// them makes it yes, an unknown one unknown.
func worst(a, b Answer) Answer {
	if a == Yes || b == Yes {
		return Yes
	}
	if a == Unknown || b == Unknown {
		return Unknown
	}
	return No
}

// constant returns the literal that a sentinel is, through a name assigned once.
func constant(p *project.Project, n *syntax.Node) *syntax.Node {
	if n == nil {
		return &noneNode
	}
	if n.Is("none", "string", "integer", "float", "true", "false") {
		return n
	}
	if v, ok := p.Only(n); ok && v.Kind == project.Literal && v.Node.Is("none", "string", "integer", "float", "true", "false") {
		return v.Node
	}
	return nil
}

// sameName says whether two expressions are names of one value.
func sameName(p *project.Project, a, b *syntax.Node) bool {
	if !a.Is("identifier", "attribute", "call") || !b.Is("identifier", "attribute", "call") {
		return false
	}
	va, okA := p.Only(a)
	vb, okB := p.Only(b)
	if okA && okB && va.Same(vb) && (va.Kind != project.Instance || va.Node != nil) {
		return true
	}
	if a.Is("identifier") && b.Is("identifier") && a.Tree == b.Tree {
		ba := p.ModuleOf(a).Binding(a)
		return ba != nil && ba == p.ModuleOf(b).Binding(b)
	}
	return false
}
