package project

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// ValueKind says what a value is.
type ValueKind int

// The kinds of values.
const (
	Function ValueKind = iota // Def: a function or lambda of the project
	Class                     // Def: a class of the project
	Instance                  // Def: an object of a class of the project, made at Node (nil: by anyone)
	Method                    // Def bound to an object: Recv
	Module                    // Mod: a module of the project
	External                  // Name: something of another library, or the result of a call of it
	Literal                   // Node: a constant, a display, a comprehension
)

// Value is one origin of what an expression may hold.
//
// An External is named by the path that leads to it: "multiprocessing.Queue" is
// the function, "multiprocessing.Queue()" what a call of it gave,
// "multiprocessing.Queue().get" its method, "multiprocessing.Pipe()[0]" the
// first item of the tuple. Node is the (innermost) call that made it, if any.
type Value struct {
	Kind ValueKind
	Node *syntax.Node
	Def  *Def
	Recv *Value
	Name string
	Mod  *scope.Module
	// Items are the elements of a tuple that no single node stands for, such
	// as what a *args parameter collects.
	Items []*syntax.Node

	callers *callersAnswer // for the evaluator's memory only
}

// Is says whether the value is the external of one of the names.
func (v Value) Is(names ...string) bool {
	if v.Kind != External {
		return false
	}
	for _, n := range names {
		if v.Name == n {
			return true
		}
	}
	return false
}

// ResultOf returns the name of the external callable whose call made the
// value: "multiprocessing.Queue" for "multiprocessing.Queue()", else "".
func (v Value) ResultOf() string {
	if v.Kind == External && strings.HasSuffix(v.Name, "()") {
		return strings.TrimSuffix(v.Name, "()")
	}
	return ""
}

// key identifies a value for sets.
type valueKey struct {
	kind ValueKind
	node *syntax.Node
	def  *Def
	name string
	mod  *scope.Module
}

func (v Value) key() valueKey { return valueKey{v.Kind, v.Node, v.Def, v.Name, v.Mod} }

// Same says whether two values have the same origin.
func (v Value) Same(o Value) bool { return v.key() == o.key() }

// result is a set of values and whether it is all of them.
type result struct {
	values []Value
	known  bool
}

var unknown = result{}

func nothing() result { return result{known: true} }

func just(v Value) result { return result{[]Value{v}, true} }

// join adds the values of another result; the whole is known if both are.
func (r *result) join(o result) {
	r.known = r.known && o.known
	for _, v := range o.values {
		r.add(v)
	}
}

func (r *result) add(v Value) {
	if len(r.values) >= maxValues {
		r.known = false
		return
	}
	k := v.key()
	for _, have := range r.values {
		if have.key() == k {
			return
		}
	}
	r.values = append(r.values[:len(r.values):len(r.values)], v)
}

// maxValues bounds the origins of one expression: past it the answer is
// "unknown", which no rule acts on.
const maxValues = 64

// evaluator answers questions with memory, and cuts cycles: a question that
// comes up while it is being answered adds nothing to its own answer. An answer
// that was cut short because of a question further up is not remembered, so
// that answers do not depend on the order of questions.
type evaluator struct {
	p      *Project
	memo   map[any]result
	active map[any]int
	depth  int
	lowest int // the outermost active question that cut an answer since it was reset
	steps  int
}

const (
	notCut   = 1 << 30
	maxDepth = 400
	maxSteps = 400_000 // per outer question; a guard, not a tuning knob
)

func (e *evaluator) init(p *Project) {
	e.p = p
	e.memo = map[any]result{}
	e.active = map[any]int{}
	e.lowest = notCut
}

// ask answers the question named by key with compute, once.
func (e *evaluator) ask(key any, compute func() result) result {
	if r, ok := e.memo[key]; ok {
		return r
	}
	if at, busy := e.active[key]; busy {
		if at < e.lowest {
			e.lowest = at
		}
		return nothing()
	}
	if e.depth == 0 {
		e.steps = 0
	}
	e.steps++
	if e.depth > maxDepth || e.steps > maxSteps {
		if e.depth > 0 {
			e.lowest = 0 // nothing above is remembered
		}
		return unknown
	}
	outer := e.lowest
	e.lowest = notCut
	e.active[key] = e.depth
	e.depth++
	r := compute()
	e.depth--
	delete(e.active, key)
	if e.lowest >= e.depth {
		e.memo[key] = r
		e.lowest = outer
	} else if outer < e.lowest {
		e.lowest = outer
	}
	return r
}

// Values returns the origins of what an expression may hold, and whether they
// are all of them.
func (p *Project) Values(expr *syntax.Node) (values []Value, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.values(expr)
	return r.values, r.known
}

// Only returns the single origin of an expression; ok is false when there is
// none, more than one, or not all are known.
func (p *Project) Only(expr *syntax.Node) (v Value, ok bool) {
	values, known := p.Values(expr)
	if !known || len(values) != 1 {
		return Value{}, false
	}
	return values[0], true
}

// BindingValues returns the origins of what a name may hold.
func (p *Project) BindingValues(b *scope.Binding) (values []Value, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.bindingValues(b)
	return r.values, r.known
}

// AttributeValues returns the origins of an attribute of objects of a class.
func (p *Project) AttributeValues(class *Def, name string) (values []Value, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.attribute(Value{Kind: Instance, Def: class}, name)
	return r.values, r.known
}

// Elements returns the origins of the elements of a container value: what
// iterating over it gives, for a dict its values.
func (p *Project) Elements(v Value) (values []Value, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.elements(v)
	return r.values, r.known
}

func (p *Project) values(expr *syntax.Node) result {
	if expr == nil {
		return unknown
	}
	return p.eval.ask(expr, func() result { return p.evaluate(expr) })
}

func (p *Project) evaluate(n *syntax.Node) result {
	switch n.Kind {
	case "identifier":
		return p.identifier(n)
	case "attribute":
		return p.attributeExpr(n)
	case "call":
		return p.callResult(n)
	case "subscript":
		return p.subscript(n)
	case "parenthesized_expression", "await", "list_splat", "type", "expression_list":
		if n.Kind == "expression_list" && len(n.NamedChildren()) != 1 {
			return just(Value{Kind: Literal, Node: n})
		}
		if c := n.NamedChildren(); len(c) > 0 {
			return p.values(c[0])
		}
		return unknown
	case "named_expression":
		return p.values(n.Field("value"))
	case "lambda":
		return just(Value{Kind: Function, Def: p.defAt(n), Node: n})
	case "conditional_expression":
		c := n.NamedChildren()
		if len(c) != 3 {
			return unknown
		}
		r := nothing()
		r.join(p.values(c[0]))
		r.join(p.values(c[2]))
		return r
	case "boolean_operator":
		r := nothing()
		r.join(p.values(n.Field("left")))
		r.join(p.values(n.Field("right")))
		return r
	case "binary_operator", "unary_operator":
		return p.operator(n)
	case "integer", "float", "string", "concatenated_string", "true", "false", "none", "ellipsis",
		"list", "tuple", "dictionary", "set", "list_comprehension", "dictionary_comprehension",
		"set_comprehension", "generator_expression", "comparison_operator", "not_operator":
		return just(Value{Kind: Literal, Node: n})
	case "assignment": // the right side of a chained assignment a = b = value
		return p.values(n.Field("right"))
	}
	return unknown
}

// operator gives a literal when the operands are constants, and passes the
// contents on for list + list and list * n.
func (p *Project) operator(n *syntax.Node) result {
	constant := true
	n.Walk(func(c *syntax.Node) bool {
		if c.Named && !c.Is("binary_operator", "unary_operator", "parenthesized_expression", "integer", "float", "string",
			"string_start", "string_content", "string_end", "escape_sequence", "concatenated_string", "true", "false", "comment") {
			constant = false
		}
		return constant
	})
	if constant {
		return just(Value{Kind: Literal, Node: n})
	}
	left := p.values(n.Field("left"))
	for _, v := range left.values {
		if v.Kind == Literal && v.Node.Is("list", "list_comprehension", "tuple") {
			return just(Value{Kind: Literal, Node: n})
		}
	}
	return unknown
}

func (p *Project) identifier(n *syntax.Node) result {
	m := p.moduleOf(n)
	if m == nil {
		return unknown
	}
	b := m.Binding(n)
	if b == nil {
		if q := m.Qualified(n); q != "" {
			return just(Value{Kind: External, Name: q})
		}
		return p.starName(m, n.Text())
	}
	if d := boundAround(m, b, n); d != nil {
		return p.defValues(b, d)
	}
	return p.bindingValues(b)
}

// boundAround returns the for or with statement that gives a variable its value
// at a place in its body: the innermost that binds it, when nothing in its body
// binds it again and the code runs with the body. Nil if there is none.
func boundAround(m *scope.Module, b *scope.Binding, n *syntax.Node) *scope.Def {
	if len(b.Defs) < 2 || len(b.GlobalIn)+len(b.NonlocalIn) > 0 {
		return nil
	}
	at := m.ScopeOf(n)
	for at != nil && at != b.Scope && at.Kind == scope.Comprehension {
		at = at.Parent
	}
	if at != b.Scope {
		return nil
	}
	var found *scope.Def
	var body *syntax.Node
	for _, d := range b.Defs {
		if d.Kind != scope.For && d.Kind != scope.With {
			continue
		}
		inside := d.Name.Statement().Body()
		if inside != nil && !d.Name.Within(inside) && n.Within(inside) && (body == nil || inside.Within(body)) {
			found, body = d, inside
		}
	}
	for _, d := range b.Defs {
		if found != nil && d.Name.Within(body) {
			return nil
		}
	}
	return found
}

// starName looks a name up in the project modules that the module imports with
// a star.
func (p *Project) starName(m *scope.Module, name string) result {
	for _, imp := range m.Imports {
		if imp.Member != "*" {
			continue
		}
		f := p.findFrom(m, absolute(m, imp), imp.Level > 0)
		if f == "" || strings.HasSuffix(f, "/") {
			continue
		}
		if other := p.module(f); other != nil {
			if b := other.Top.Names[name]; b != nil {
				return p.bindingValues(b)
			}
		}
	}
	return unknown
}

func (p *Project) bindingValues(b *scope.Binding) result {
	return p.eval.ask(b, func() result {
		r := nothing()
		for _, d := range b.Defs {
			r.join(p.defValues(b, d))
		}
		if len(r.values) == 0 {
			r.known = r.known && len(b.Defs) > 0
		}
		return r
	})
}

func (p *Project) defValues(b *scope.Binding, d *scope.Def) result {
	switch d.Kind {
	case scope.Assign, scope.Walrus:
		return p.at(p.values(d.Value), d.Path)
	case scope.For, scope.Comp:
		r := p.elementsOf(p.values(d.Value))
		return p.at(r, d.Path)
	case scope.With:
		return p.at(p.entered(d.Value), d.Path)
	case scope.FuncDef:
		return just(p.functionValue(d.Node))
	case scope.ClassDef:
		if def := p.defAt(p.inner(d.Node)); def != nil {
			return just(Value{Kind: Class, Def: def})
		}
		return unknown
	case scope.Imported:
		return p.imported(b, d)
	case scope.Param:
		return p.parameter(b, d)
	case scope.AugAssign, scope.AnnOnly, scope.Del, scope.Global, scope.Nonlocal:
		return nothing()
	}
	return unknown
}

// inner returns the definition below its decorators.
func (p *Project) inner(n *syntax.Node) *syntax.Node {
	if n.Is("decorated_definition") {
		return n.Field("definition")
	}
	return n
}

func (p *Project) functionValue(n *syntax.Node) Value {
	def := p.defAt(p.inner(n))
	return Value{Kind: Function, Def: def}
}

func (p *Project) imported(b *scope.Binding, d *scope.Def) result {
	imp := d.Import
	m := b.Scope.Module
	if imp == nil || m == nil {
		return unknown
	}
	mod, member := p.target(m, imp)
	if mod == nil {
		if imp.Level > 0 {
			return unknown
		}
		name := imp.Module
		if imp.Member != "" {
			name += "." + imp.Member
		} else if imp.Local != "" && strings.HasPrefix(name+".", imp.Local+".") {
			name = imp.Local
		}
		return just(Value{Kind: External, Name: name})
	}
	if member == "" {
		return just(Value{Kind: Module, Mod: mod})
	}
	return p.moduleAttr(mod, member)
}

// moduleAttr returns what a name of a module holds.
func (p *Project) moduleAttr(mod *scope.Module, name string) result {
	if b := mod.Top.Names[name]; b != nil {
		return p.bindingValues(b)
	}
	if sub := p.submodule(mod, name); sub != nil {
		return just(Value{Kind: Module, Mod: sub})
	}
	return p.starName(mod, name)
}

// submodule returns the module of a name inside a package.
func (p *Project) submodule(mod *scope.Module, name string) *scope.Module {
	file := mod.Tree.File.Path
	if !strings.HasSuffix(file, "__init__.py") {
		return nil
	}
	dir := strings.TrimSuffix(file, "__init__.py")
	for _, f := range []string{dir + name + "/__init__.py", dir + name + ".py"} {
		if p.isFile(f) {
			return p.module(f)
		}
	}
	return nil
}

// entered returns what "with expr as name" binds.
func (p *Project) entered(expr *syntax.Node) result {
	r := p.values(expr)
	out := result{known: r.known}
	for _, v := range r.values {
		switch {
		case v.Kind == Instance:
			if enter := p.method(v.Def, "__enter__"); enter != nil {
				out.join(p.returned(Value{Kind: Method, Def: enter, Recv: &v}))
			} else {
				out.add(v)
			}
		case v.Kind == External && strings.HasPrefix(v.Name, "generator:"):
			out.join(p.yielded(v))
		case v.Is("contextlib.closing()"):
			if args := syntax.CallArgs(v.Node); len(args.Positional) == 1 {
				out.join(p.values(args.Positional[0]))
			} else {
				out.known = false
			}
		case v.Kind == External:
			out.add(v) // files, pools, executors, managers, locks' results: themselves
		default:
			out.known = false
		}
	}
	return out
}

// at picks the part of a value that a position inside a tuple target names.
func (p *Project) at(r result, path []int) result {
	for _, i := range path {
		out := result{known: r.known}
		for _, v := range r.values {
			out.join(p.item(v, i))
		}
		r = out
	}
	return r
}

// item returns the element of a sequence at a known position.
func (p *Project) item(v Value, i int) result {
	switch {
	case v.Kind == Literal && v.Node.Is("tuple", "list", "expression_list") && i >= 0:
		c := v.Node.NamedChildren()
		for _, e := range c {
			if e.Kind == "list_splat" {
				return p.elements(v)
			}
		}
		if i < len(c) {
			return p.values(c[i])
		}
		return unknown
	case v.Kind == Literal && i >= 0 && v.Node.Is("list_comprehension", "generator_expression"):
		return p.elements(v)
	case v.Kind == External && strings.HasPrefix(v.Name, "item:"):
		return p.pairItem(v, i)
	case len(v.Items) > 0 && i >= 0 && i < len(v.Items):
		return p.values(v.Items[i])
	case v.Kind == External && i >= 0:
		if name := v.ResultOf(); name != "" && strings.HasPrefix(name, "builtins.") {
			return p.elements(v)
		}
		v.Name += "[" + itoa(i) + "]"
		return just(v)
	}
	return unknown
}
