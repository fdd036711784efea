package process

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// NotCallable says whether what an expression gives is known to be nothing that
// can be called, None included.
func (m *Model) NotCallable(expr *syntax.Node) bool {
	return m.notCallable(expr, map[any]bool{})
}

func (m *Model) notCallable(n *syntax.Node, busy map[any]bool) bool {
	n = syntax.Unparen(n)
	if n == nil || busy[n] {
		return n != nil
	}
	busy[n] = true
	switch n.Kind {
	case "binary_operator", "unary_operator", "comparison_operator", "not_operator", "expression_list":
		return true
	case "conditional_expression":
		c := n.NamedChildren()
		return len(c) == 3 && m.notCallable(c[0], busy) && m.notCallable(c[2], busy)
	case "boolean_operator":
		return m.notCallable(n.Field("left"), busy) && m.notCallable(n.Field("right"), busy)
	case "call":
		if d, ok := m.calledFunction(n); ok {
			return m.returnsNoCallable(d, busy)
		}
	}
	values, known := m.Project.Values(n)
	if !known || len(values) == 0 {
		return false
	}
	for _, v := range values {
		if !m.inert(v) {
			return false
		}
	}
	return true
}

// calledFunction returns the function of the project that a call runs, if it is
// the only one and runs at once.
func (m *Model) calledFunction(call *syntax.Node) (*project.Def, bool) {
	v, ok := m.Project.Only(call.Field("function"))
	if !ok || v.Kind != project.Function && v.Kind != project.Method {
		return nil, false
	}
	for _, d := range v.Def.Decorators() {
		if q := v.Def.Module.Qualified(d); q != "builtins.staticmethod" && q != "builtins.classmethod" {
			return nil, false
		}
	}
	return v.Def, true
}

// returnsNoCallable says whether a call of the function gives nothing that can
// be called: None, a generator, a coroutine or other values.
func (m *Model) returnsNoCallable(d *project.Def, busy map[any]bool) bool {
	if d.IsGenerator() || d.IsAsync() || busy[d] {
		return true
	}
	busy[d] = true
	for _, e := range d.Returns() {
		if !m.notCallable(e, busy) {
			return false
		}
	}
	return true
}

// inertCalls are library callables whose result cannot be called.
var inertCalls = map[string]bool{
	"builtins.print": true, "builtins.sum": true, "builtins.list": true, "builtins.tuple": true, "builtins.set": true, "builtins.frozenset": true,
	"builtins.sorted": true, "builtins.reversed": true, "builtins.range": true, "builtins.zip": true, "builtins.map": true, "builtins.filter": true,
	"builtins.enumerate": true, "builtins.open": true, "builtins.bytes": true, "builtins.bytearray": true, "builtins.abs": true, "builtins.round": true,
	"builtins.any": true, "builtins.all": true, "builtins.isinstance": true, "builtins.divmod": true, "builtins.pow": true, "time.sleep": true, "os.system": true,
}

func (m *Model) inert(v project.Value) bool {
	switch v.Kind {
	case project.Literal:
		return true
	case project.Instance:
		_, external, known := m.Project.Ancestors(v.Def)
		return known && len(external) == 0 && m.Project.Method(v.Def, "__call__") == nil
	case project.External:
		if t, ok := made(v.Name); ok {
			return t.Kind != Other && t.Kind != Proxy
		}
		name := v.ResultOf()
		return inertCalls[name] || textCalls[name] || intCalls[name] || floatCalls[name] || dictMakers[name] || strings.HasPrefix(v.Name, "generator:") ||
			strings.HasPrefix(name, "builtins.str") && textMethods[name[strings.LastIndex(name, ".")+1:]]
	}
	return false
}
