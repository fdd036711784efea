package process

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Number says what kind of number an expression is known to be.
type Number int

// The kinds of numbers, in the order in which arithmetic widens them.
const (
	NotNumber Number = iota // something else, or not known
	Bool
	Int
	Float
)

// NumberOf returns what kind of number an expression gives, NotNumber when that
// is not known. self, if not nil, is a binding that counts as neutral: in
// total = total + n the kind is that of n.
func (m *Model) NumberOf(expr *syntax.Node, self *scope.Binding) Number {
	n, ok := m.number(expr, self, map[any]bool{})
	if !ok {
		return NotNumber
	}
	return n
}

// intCalls and floatCalls are library functions with a number as their result.
var intCalls = map[string]bool{
	"builtins.len": true, "builtins.int": true, "builtins.ord": true, "builtins.hash": true, "builtins.id": true,
	"os.getpid": true, "random.randint": true, "random.randrange": true, "math.floor": true, "math.ceil": true, "math.factorial": true,
	"math.gcd": true, "os.path.getsize": true, "os.cpu_count": true, "multiprocessing.cpu_count": true, "zlib.crc32": true,
	"builtins.str.count": true, "builtins.list.count": true, "builtins.list.index": true, "builtins.str.find": true, "time.time_ns": true,
	"time.perf_counter_ns": true, "random.Random.randint": true, "random.Random.randrange": true, "random.getrandbits": true,
}

var floatCalls = map[string]bool{
	"builtins.float": true, "time.time": true, "time.perf_counter": true, "time.monotonic": true, "time.process_time": true,
	"random.random": true, "random.uniform": true, "random.gauss": true, "math.sqrt": true, "math.sin": true, "math.cos": true,
	"math.exp": true, "math.log": true, "math.pi": true, "math.fsum": true, "math.hypot": true, "random.Random.random": true, "random.Random.uniform": true,
}

// number returns the kind and whether the answer is certain. Questions that
// come up while they are asked are neutral.
func (m *Model) number(n *syntax.Node, self *scope.Binding, busy map[any]bool) (Number, bool) {
	if n == nil || busy[n] {
		return Bool, n != nil
	}
	busy[n] = true
	defer delete(busy, n)
	switch n.Kind {
	case "integer":
		return Int, !strings.ContainsAny(n.Text(), "jJ")
	case "float":
		return Float, !strings.ContainsAny(n.Text(), "jJ")
	case "true", "false", "comparison_operator", "not_operator":
		return Bool, true
	case "parenthesized_expression", "await":
		if c := n.NamedChildren(); len(c) == 1 {
			return m.number(c[0], self, busy)
		}
	case "unary_operator":
		k, ok := m.number(n.Field("argument"), self, busy)
		return max(k, Int), ok
	case "binary_operator":
		left, ok1 := m.number(n.Field("left"), self, busy)
		right, ok2 := m.number(n.Field("right"), self, busy)
		k := max(left, right, Int)
		switch n.Field("operator").Text() {
		case "/":
			k = Float
		case "**":
			if k == Int && !n.Field("right").Is("integer") {
				return Int, false // a negative exponent gives a float
			}
		case "@":
			return NotNumber, false
		}
		return k, ok1 && ok2
	case "conditional_expression":
		c := n.NamedChildren()
		if len(c) != 3 {
			return NotNumber, false
		}
		a, ok1 := m.number(c[0], self, busy)
		b, ok2 := m.number(c[2], self, busy)
		return max(a, b), ok1 && ok2
	case "identifier":
		return m.nameNumber(n, self, busy)
	case "call":
		return m.callNumber(n, self, busy)
	}
	return m.valuesNumber(n, self, busy)
}

func (m *Model) nameNumber(n *syntax.Node, self *scope.Binding, busy map[any]bool) (Number, bool) {
	mod := m.Project.ModuleOf(n)
	b := mod.Binding(n)
	if b == nil || busy[b] {
		return Bool, b != nil
	}
	if b == self {
		return Bool, true
	}
	busy[b] = true
	defer delete(busy, b)
	kind := Bool
	for _, d := range b.Defs {
		switch {
		case !d.Binds():
		case d.Kind == scope.Assign && len(d.Path) == 0:
			k, ok := m.number(d.Value, self, busy)
			if !ok {
				return NotNumber, false
			}
			kind = max(kind, k)
		case d.Kind == scope.AugAssign:
			k, ok := m.augmented(d.Node, self, busy)
			if !ok {
				return NotNumber, false
			}
			kind = max(kind, k)
		default:
			return m.valuesNumber(n, self, busy)
		}
	}
	return kind, true
}

// augmented is the kind that an augmented assignment gives its target.
func (m *Model) augmented(n *syntax.Node, self *scope.Binding, busy map[any]bool) (Number, bool) {
	k, ok := m.number(n.Field("right"), self, busy)
	switch n.Field("operator").Text() {
	case "/=":
		return Float, ok
	case "@=":
		return NotNumber, false
	case "|=", "&=", "^=":
		return k, ok
	}
	return max(k, Int), ok
}

func (m *Model) callNumber(n *syntax.Node, self *scope.Binding, busy map[any]bool) (Number, bool) {
	values, known := m.Project.Values(n.Field("function"))
	if !known || len(values) == 0 {
		return NotNumber, false
	}
	args := syntax.CallArgs(n)
	kind := Bool
	for _, v := range values {
		switch v.Kind {
		case project.Function, project.Method:
			if v.Def.IsGenerator() || v.Def.IsAsync() && !n.Parent.Is("await") {
				return NotNumber, false
			}
			returns := v.Def.Returns()
			if len(returns) == 0 {
				return NotNumber, false
			}
			for _, r := range returns {
				k, ok := m.number(r, self, busy)
				if !ok {
					return NotNumber, false
				}
				kind = max(kind, k)
			}
			continue
		case project.External:
		default:
			return NotNumber, false
		}
		name := strings.ReplaceAll(v.Name, "()", "")
		switch {
		case intCalls[name]:
			kind = max(kind, Int)
		case floatCalls[name]:
			kind = max(kind, Float)
		case name == "builtins.bool" || name == "builtins.isinstance" || name == "builtins.any" || name == "builtins.all":
		case name == "builtins.abs" || name == "builtins.round" && len(args.Positional) > 1 || name == "builtins.pow" || name == "builtins.min" || name == "builtins.max":
			for _, a := range args.Positional {
				k, ok := m.number(a, self, busy)
				if !ok {
					return NotNumber, false
				}
				kind = max(kind, k)
			}
			if name == "builtins.round" {
				kind = max(kind, Float)
			}
		case name == "builtins.round":
			kind = max(kind, Int)
		case name == "builtins.sum" && len(args.Positional) == 1:
			k, ok := m.elementNumber(args.Positional[0], self, busy)
			if !ok {
				return NotNumber, false
			}
			kind = max(kind, k, Int)
		default:
			return NotNumber, false
		}
	}
	return kind, true
}

// elementNumber is the kind of the elements of an iterable expression.
func (m *Model) elementNumber(n *syntax.Node, self *scope.Binding, busy map[any]bool) (Number, bool) {
	n = syntax.Unparen(n)
	if n.Is("generator_expression", "list_comprehension", "set_comprehension") {
		return m.number(n.Field("body"), self, busy)
	}
	values, known := m.Project.Values(n)
	if !known || len(values) == 0 {
		return NotNumber, false
	}
	kind := Bool
	for _, v := range values {
		elements, ok := m.Project.Elements(v)
		if !ok {
			return NotNumber, false
		}
		k, ok := m.originsNumber(elements, self, busy)
		if !ok {
			return NotNumber, false
		}
		kind = max(kind, k)
	}
	return kind, true
}

func (m *Model) valuesNumber(n *syntax.Node, self *scope.Binding, busy map[any]bool) (Number, bool) {
	values, known := m.Project.Values(n)
	if !known || len(values) == 0 {
		return NotNumber, false
	}
	return m.originsNumber(values, self, busy)
}

func (m *Model) originsNumber(values []project.Value, self *scope.Binding, busy map[any]bool) (Number, bool) {
	kind := Bool
	for _, v := range values {
		switch {
		case v.Kind == project.Literal && v.Node.Is("integer", "float", "true", "false", "comparison_operator", "not_operator", "binary_operator", "unary_operator"):
			k, ok := m.number(v.Node, self, busy)
			if !ok {
				return NotNumber, false
			}
			kind = max(kind, k)
		case v.Is("builtins.int()"):
			kind = max(kind, Int)
		case v.Is("builtins.float()"):
			kind = max(kind, Float)
		case v.Kind == project.External && v.Node != nil && v.ResultOf() != "":
			k, ok := m.callNumber(v.Node, self, busy)
			if !ok {
				return NotNumber, false
			}
			kind = max(kind, k)
		default:
			return NotNumber, false
		}
	}
	return kind, len(values) > 0
}
