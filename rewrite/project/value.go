package project

import (
	"path"
	"slices"
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

	viaFactory bool // the arguments of the call at Node are not those of the constructor
}

// packed says whether the value is the tuple of what a *args parameter collects.
func (v Value) packed() bool { return v.Kind == Literal && v.Name != "" }

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

// Values returns the origins of what an expression may hold, and whether they
// are all of them.
func (p *Project) Values(expr *syntax.Node) (values []Value, known bool) {
	p.lock()
	defer p.mu.Unlock()
	r := p.values(expr)
	return slices.Clone(r.values), r.known
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
	p.lock()
	defer p.mu.Unlock()
	r := p.bindingValues(b)
	return slices.Clone(r.values), r.known
}

// AttributeValues returns the origins of an attribute of objects of a class.
func (p *Project) AttributeValues(class *Def, name string) (values []Value, known bool) {
	p.lock()
	defer p.mu.Unlock()
	r := p.attribute(Value{Kind: Instance, Def: class}, name)
	return slices.Clone(r.values), r.known
}

// Elements returns the origins of the elements of a container value: what
// iterating over it gives, for a dict its values.
func (p *Project) Elements(v Value) (values []Value, known bool) {
	p.lock()
	defer p.mu.Unlock()
	r := p.elements(v)
	return slices.Clone(r.values), r.known
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
		if n.Kind == "expression_list" {
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
		r := p.values(c[0])
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

// operator gives a literal when the operands are constants, and a sequence for
// sequence + sequence and sequence * n.
func (p *Project) operator(n *syntax.Node) result {
	if constantOperator(n) {
		return just(Value{Kind: Literal, Node: n})
	}
	if n.Kind == "unary_operator" {
		return unknown
	}
	left := p.values(n.Field("left"))
	known := left.known && left.allSequences()
	switch n.Field("operator").Text() {
	case "+":
		right := p.values(n.Field("right"))
		known = known && right.known && right.allSequences()
	case "*":
	default:
		return unknown
	}
	for _, v := range left.values {
		if v.sequence() {
			return result{values: []Value{{Kind: Literal, Node: n}}, known: known}
		}
	}
	return unknown
}

// allSequences says whether all values are lists and tuples.
func (r result) allSequences() bool {
	for _, v := range r.values {
		if !v.sequence() {
			return false
		}
	}
	return true
}

// sequence says whether the value is a list or a tuple made in a known way.
func (v Value) sequence() bool {
	switch v.Kind {
	case Literal:
		return v.packed() || v.Node.Is("list", "list_comprehension", "tuple", "binary_operator", "expression_list", "argument_list") && !constantOperator(v.Node)
	case External:
		return v.Is("builtins.list()", "builtins.tuple()", "builtins.sorted()")
	}
	return false
}

// constantOperator says whether an operator has nothing but constants below it.
func constantOperator(n *syntax.Node) bool {
	if !n.Is("binary_operator", "unary_operator") {
		return false
	}
	constant := true
	n.Walk(func(c *syntax.Node) bool {
		if c.Named && !c.Is("binary_operator", "unary_operator", "parenthesized_expression", "integer", "float", "string",
			"string_start", "string_content", "string_end", "escape_sequence", "concatenated_string", "true", "false", "comment") {
			constant = false
		}
		return constant
	})
	return constant
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
	if d := reaching(m, b, n); d != nil {
		return p.defValues(b, d)
	}
	return p.bindingValues(b)
}

// starName looks up a name that the module does not bind: in what it imports
// with a star, then among the builtins.
func (p *Project) starName(m *scope.Module, name string) result {
	type starKey struct {
		m    *scope.Module
		name string
	}
	return p.eval.ask(starKey{m, name}, func() result {
		r := nothing()
		found, complete := false, true
		for _, imp := range m.Imports {
			if imp.Member != "*" {
				continue
			}
			other := p.opened(p.locate(m, imp, ""))
			if other == nil {
				names, ok := stdStars[imp.Module]
				if imp.Level > 0 || !ok && !stdlib[imp.Module] {
					complete = false
				} else if slices.Contains(names, name) {
					found = true
					r.add(Value{Kind: External, Name: imp.Module + "." + name})
				} else if !ok {
					complete = false
				}
				continue
			}
			if !starred(other, name) {
				continue
			}
			if b := other.Top.Names[name]; b != nil {
				found = true
				r.join(p.bindingValues(b))
			} else if other != m && hasStar(other) {
				if more := p.starName(other, name); len(more.values) > 0 && !more.values[0].Is("builtins."+name) {
					found = true
					r.join(more)
				} else if !more.known {
					complete = false
				}
			}
		}
		switch {
		case found:
			return r
		case complete && scope.IsBuiltin(name):
			return just(Value{Kind: External, Name: "builtins." + name})
		}
		return unknown
	})
}

func hasStar(m *scope.Module) bool {
	return slices.ContainsFunc(m.Imports, func(imp *scope.Import) bool { return imp.Member == "*" })
}

// starred says whether "from m import *" takes a name: those in __all__, or
// without it those that do not begin with an underscore.
func starred(m *scope.Module, name string) bool {
	b := m.Top.Names["__all__"]
	if b == nil {
		return !strings.HasPrefix(name, "_")
	}
	d := b.Single()
	if d == nil || !d.Value.Is("list", "tuple") {
		return true
	}
	for _, e := range d.Value.NamedChildren() {
		if s, ok := syntax.StringValue(e); !ok || s == name {
			return true
		}
	}
	return false
}

func (p *Project) bindingValues(b *scope.Binding) result {
	return p.eval.ask(b, func() result {
		r := nothing()
		for _, d := range b.Defs {
			r.join(p.defValues(b, d))
		}
		if len(b.Defs) == 0 {
			return unknown
		}
		if b.Scope == b.Scope.Module.Top {
			r.join(p.storedFromOutside(b))
		}
		return r
	})
}

// storedFromOutside returns what "module.name = value" puts into a name.
func (p *Project) storedFromOutside(b *scope.Binding) result {
	r := nothing()
	for _, s := range p.idx().attrStores[b.Name] {
		m := p.moduleOf(s.object)
		if root := s.object; root.Is("identifier") {
			if rb := m.Binding(root); rb == nil || rb.Single() == nil || rb.Single().Kind != scope.Imported {
				continue
			}
		} else if !root.Is("attribute") {
			continue
		}
		for _, v := range p.values(s.object).values {
			if v.Kind == Module && v.Mod == b.Scope.Module {
				r.join(p.attrStored(s))
				break
			}
		}
	}
	return r
}

func (p *Project) defValues(b *scope.Binding, d *scope.Def) result {
	switch d.Kind {
	case scope.Assign, scope.Walrus:
		return p.at(p.values(d.Value), d.Path)
	case scope.For, scope.Comp:
		return p.at(p.iterated(p.values(d.Value)), d.Path)
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
	case scope.AugAssign:
		return p.augmented(d.Node, d.Value)
	case scope.AnnOnly, scope.Del, scope.Global, scope.Nonlocal:
		return nothing()
	}
	return unknown
}

// augmented returns what "x op= value" makes of x: nothing new when x stays the
// container that it was.
func (p *Project) augmented(n, value *syntax.Node) result {
	r := p.values(value)
	if !r.known {
		return unknown
	}
	for _, v := range r.values {
		switch {
		case n.Field("operator").Text() == "+=" && v.sequence():
		case n.Field("operator").Text() == "|=" && v.Kind == Literal && v.Node.Is("dictionary", "set", "dictionary_comprehension", "set_comprehension"):
		default:
			return unknown
		}
	}
	return nothing()
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
		if folder := p.namespace(m, imp); folder != "" {
			return just(Value{Kind: External, Name: namespacePrefix + folder})
		}
		name := imp.Target()
		if imp.Level > 0 || name == "" {
			return unknown
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
	if path.Base(file) != "__init__.py" {
		return nil
	}
	found, _ := p.lookIn(path.Dir(file), name)
	return p.opened(found)
}

// namespacePrefix begins the name of the External that stands for a namespace
// package; its folder follows.
const namespacePrefix = "namespace:"

// inNamespace returns what a name of a namespace package holds.
func (p *Project) inNamespace(folder, name string) result {
	found, ok := p.lookIn(folder, name)
	switch mod := p.opened(found); {
	case mod != nil:
		return just(Value{Kind: Module, Mod: mod})
	case ok && found.folder != "":
		return just(Value{Kind: External, Name: namespacePrefix + found.folder})
	}
	return unknown
}

// entered returns what "with expr as name" binds.
func (p *Project) entered(expr *syntax.Node) result {
	return p.values(expr).each(func(v Value) result {
		switch {
		case v.Kind == Instance:
			if enter := p.method(v.Def, "__enter__"); enter != nil {
				return p.returned(Value{Kind: Method, Def: enter, Recv: &v})
			}
			if enter := p.method(v.Def, "__aenter__"); enter != nil {
				return p.returned(Value{Kind: Method, Def: enter, Recv: &v})
			}
			if _, external, known := p.ancestors(v.Def); !known || len(external) == 0 {
				return unknown
			}
			return just(v)
		case v.Kind == External && strings.HasPrefix(v.Name, generatorPrefix):
			return p.yielded(v)
		case v.Is("contextlib.closing()", "contextlib.aclosing()", "contextlib.nullcontext()"):
			args := syntax.CallArgs(v.Node)
			if len(args.Positional) == 1 {
				return p.values(args.Positional[0])
			}
			for _, e := range args.Keywords {
				return p.values(e)
			}
			return unknown
		case v.Kind == External && v.ResultOf() != "":
			return just(v) // files, pools, executors, managers: themselves
		}
		return unknown
	})
}

// at picks the part of a value that a position inside a tuple target names.
func (p *Project) at(r result, places []int) result {
	for _, i := range places {
		r = r.each(func(v Value) result { return p.item(v, i) })
	}
	return r
}

// item returns what the target at a place of a tuple target gets, with the
// places that scope.Def.Path has: -1 is the starred one, -2 the last behind it.
func (p *Project) item(v Value, i int) result {
	if i == -1 { // a list of some of the elements
		if v.sequence() {
			return just(v)
		}
		return unknown
	}
	if i < -1 {
		n, ok := p.length(v)
		if !ok {
			return p.eachElement(v)
		}
		i += 1 + n
	}
	return p.nth(v, i)
}

// eachElement returns what any element of a sequence may be.
func (p *Project) eachElement(v Value) result {
	if v.Kind == External && v.pair() {
		return unknown
	}
	return p.iterate(v)
}

// length returns the number of elements of a tuple, or of a list that the
// program adds nothing to.
func (p *Project) length(v Value) (n int, ok bool) {
	if v.packed() {
		return len(v.Items), true
	}
	if v.Kind != Literal || !v.Node.Is("tuple", "list", "expression_list") {
		return 0, false
	}
	elements := v.Node.NamedChildren()
	for _, e := range elements {
		if e.Is("list_splat") {
			return 0, false
		}
	}
	if v.Node.Is("list") && len(p.storesOf(v)) > 0 {
		return 0, false
	}
	return len(elements), true
}

// nth returns the element of a sequence at a known position from the front.
func (p *Project) nth(v Value, i int) result {
	if n, ok := p.length(v); ok {
		switch {
		case i < 0 || i >= n:
			return nothing() // an IndexError
		case v.packed():
			return p.values(v.Items[i])
		}
		return p.values(v.Node.NamedChildren()[i])
	}
	switch {
	case v.Kind == Literal || i < 0:
		return p.eachElement(v)
	case v.Kind == External && v.pair():
		return p.pairItem(v, i)
	case v.Kind == External && !strings.HasPrefix(v.Name, namespacePrefix):
		if name := plain(v.ResultOf()); strings.HasPrefix(name, "builtins.") || strings.HasPrefix(name, "collections.") || strings.HasPrefix(v.Name, generatorPrefix) {
			return p.eachElement(v)
		}
		if strings.HasSuffix(v.Name, "]") {
			return unknown
		}
		v.Name += "[" + itoa(i) + "]"
		return just(v)
	}
	return unknown
}

// plain takes the marks of calls out of an External's name.
func plain(name string) string { return strings.ReplaceAll(name, "()", "") }

// generatorPrefix begins the name of the External that stands for what a
// generator function gave; its qualified name follows.
const generatorPrefix = "generator:"

// pair says whether the value is one of the tuples that zip, enumerate and
// dict.items give.
func (v Value) pair() bool { return v.Kind == External && strings.HasPrefix(v.Name, "item:") }
