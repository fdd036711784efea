package refactor

import (
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// HoistOptions says what Hoist leaves to the caller.
type HoistOptions struct {
	// Handled are uses of the function, identifiers or the lambda itself, that
	// the caller rewrites.
	Handled []*syntax.Node
}

// Captures returns the names that a nested function or lambda reads from the
// functions around it, in the order of their first reads, its own name left out.
func Captures(m *scope.Module, fn *syntax.Node) []string {
	def := function(fn)
	var names []string
	for _, free := range m.FreeNames(def) {
		b := free.Binding
		if b == nil || b.Scope == m.Top || b.Scope.Kind == scope.Class || b.Single() != nil && b.Single().Node == def {
			continue
		}
		names = append(names, free.Name)
	}
	return names
}

// Hoist takes a nested function or lambda to module level, above the statement of
// the module that it lies in, and names it newName, which has to be free there.
// The params, the variables that it captures, become its first parameters. Its
// uses change with it: a call passes them, any other use becomes
// functools.partial(newName, params...), or newName where there are none. In a
// lambda a default that reads local variables is passed by partial too.
//
// Set returns an error that wraps ErrShape when a captured variable is not among
// the params (a function hoisted before without params may be), when the function
// is bound more than once or is a method, or when its defaults or decorators read
// local variables.
func (r *Rewrite) Hoist(m *scope.Module, fn *syntax.Node, newName string, params []string, options ...HoistOptions) {
	def := function(fn)
	if m == nil || def == nil {
		r.fail(ErrShape, fn, "not a function")
		return
	}
	h := hoist{r: r, m: m, def: def, name: newName, params: params}
	for _, o := range options {
		h.handled = append(h.handled, o.Handled...)
	}
	h.above = def.Statement()
	for h.above != nil && h.above.Parent.Parent != nil {
		h.above = h.above.Parent.Statement()
	}
	if h.above == nil || def.Is("function_definition") && def.Statement() == h.above {
		r.fail(ErrShape, def, "not nested in a function")
		return
	}
	for _, free := range m.FreeNames(def) {
		if b := free.Binding; b != nil && b.Scope != m.Top && !r.hoisted[b] && !slices.Contains(params, free.Name) &&
			(b.Single() == nil || b.Single().Node != def) && !h.onlyDefaults(free.Uses) {
			r.fail(ErrShape, free.Uses[0], "%s is a local variable", free.Name)
			return
		}
	}
	if def.Is("lambda") {
		h.lambda()
	} else {
		h.function()
	}
}

type hoist struct {
	r       *Rewrite
	m       *scope.Module
	def     *syntax.Node
	name    string
	params  []string
	handled []*syntax.Node
	above   *syntax.Node
}

// onlyDefaults reports whether all the uses stand in defaults of a lambda.
func (h *hoist) onlyDefaults(uses []*syntax.Node) bool {
	return h.def.Is("lambda") && !slices.ContainsFunc(uses, func(n *syntax.Node) bool {
		return !n.Within(h.def.Field("parameters"))
	})
}

// local reports whether the expression reads variables of functions.
func (h *hoist) local(expr *syntax.Node) bool {
	return slices.ContainsFunc(h.m.FreeNames(expr), func(f scope.Free) bool {
		return f.Binding != nil && f.Binding.Scope != h.m.Top
	})
}

// function hoists a def.
func (h *hoist) function() {
	r, def := h.r, h.def
	_, elements := parameters(def)
	for _, p := range elements {
		if value := p.Field("value"); value != nil && h.local(value) {
			r.fail(ErrShape, value, "a default reads a local variable")
			return
		}
		if t := p.Field("type"); t != nil && h.local(t) {
			r.fail(ErrShape, t, "an annotation reads a local variable")
			return
		}
	}
	stmt := def.Statement()
	for _, c := range stmt.Children {
		if c.Is("decorator") && h.local(c) {
			r.fail(ErrShape, c, "a decorator reads a local variable")
			return
		}
	}
	name := def.Field("name")
	binding := h.m.Binding(name)
	if binding == nil || binding.Single() == nil || binding.Scope.Kind == scope.Class {
		r.fail(ErrShape, name, "not bound once")
		return
	}
	if r.hoisted == nil {
		r.hoisted = map[*scope.Binding]bool{}
	}
	r.hoisted[binding] = len(h.params) == 0
	for _, p := range slices.Backward(h.params) {
		h.lead(p)
	}
	if name.Text() != h.name {
		r.Replace(name, h.name)
	}
	for _, use := range binding.Uses {
		if !slices.Contains(h.handled, use) {
			h.use(use, nil)
		}
	}
	r.Move([]*syntax.Node{stmt}, h.above)
}

// lead adds a parameter in front of those of the function.
func (h *hoist) lead(name string) {
	list, elements := parameters(h.def)
	for _, p := range elements {
		if paramName(p) == name {
			h.r.fail(ErrShape, p, "there is a parameter %s", name)
			return
		}
	}
	if c := h.r.commasOf(list); c != nil {
		c.added[0] = slices.Insert(c.added[0], 0, name)
	}
}

// use rewrites one use of the function.
func (h *hoist) use(use *syntax.Node, keywords []string) {
	r := h.r
	if call := use.Parent; call.Is("call") && call.Field("function") == use && len(keywords) == 0 {
		if use.Text() != h.name {
			r.Replace(use, h.name)
		}
		if len(h.params) == 0 {
			return
		}
		if c := r.arguments(call); c != nil {
			c.added[0] = slices.Concat(h.params, c.added[0])
		}
		return
	}
	if len(h.params)+len(keywords) == 0 {
		if use.Text() != h.name {
			r.Replace(use, h.name)
		}
		return
	}
	args := slices.Concat([]string{h.name}, h.params, keywords)
	r.Replace(use, r.ImportIn(h.m, use, "functools", "partial")+"("+strings.Join(args, ", ")+")")
}

// lambda hoists a lambda: it becomes a def.
func (h *hoist) lambda() {
	r, def := h.r, h.def
	list, elements := parameters(def)
	body := def.Field("body")
	var keywords []string
	params := slices.Clone(h.params)
	optional := false
	for _, p := range elements {
		name := paramName(p)
		if slices.Contains(h.params, name) && name != "" {
			r.fail(ErrShape, p, "there is a parameter %s", name)
			return
		}
		value := p.Field("value")
		switch {
		case value != nil && h.local(value):
			if optional {
				r.fail(ErrShape, p, "a default that reads a local variable behind another")
				return
			}
			params = append(params, name)
			keywords = append(keywords, name+"="+value.Text())
		default:
			optional = optional || value != nil
			params = append(params, p.Text())
		}
	}
	inside := func(c *syntax.Node) bool {
		return c.Within(def) && !c.Within(body)
	}
	if slices.ContainsFunc(def.Tree.Comments, inside) || body == nil || strings.ContainsAny(list.Text(), "\n") {
		r.fail(ErrShape, def, "a lambda over several lines")
		return
	}
	value := body.Text()
	if strings.ContainsAny(value, "\r\n") && !body.Is("parenthesized_expression", "call", "list", "dictionary", "tuple", "set", "subscript", "string",
		"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression") {
		value = "(" + value + ")"
	}
	to := r.statement(h.above)
	if to == nil {
		return
	}
	to.separate()
	to.before = append(to.before, &element{lines: []string{
		"def " + h.name + "(" + strings.Join(params, ", ") + "):",
		"\treturn " + to.list.doc.newlines(value),
	}})
	if !slices.Contains(h.handled, def) {
		h.use(def, keywords)
	}
}
