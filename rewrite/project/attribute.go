package project

import (
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// attributeExpr returns the values of "object.name".
func (p *Project) attributeExpr(n *syntax.Node) result {
	name := n.Field("attribute").Text()
	object := n.Field("object")
	if p.isSuper(object) {
		return p.superAttr(n, name)
	}
	return p.values(object).each(func(v Value) result { return p.attribute(v, name) })
}

// isSuper says whether an expression is a call of the builtin super.
func (p *Project) isSuper(n *syntax.Node) bool {
	if !n.Is("call") {
		return false
	}
	f := n.Field("function")
	return f.Is("identifier") && f.Text() == "super"
}

func (p *Project) superAttr(n *syntax.Node, name string) result {
	def := p.enclosing(n)
	for def != nil && def.Class == nil {
		up := p.enclosing(def.Node)
		if up == def {
			break
		}
		def = up
	}
	if def == nil || def.Class == nil {
		return unknown
	}
	self := Value{Kind: Instance, Def: def.Class}
	line, external, known := p.ancestors(def.Class)
	for _, c := range line[1:] {
		b := c.Scope.Names[name]
		if b == nil {
			continue
		}
		r := p.inClass(self, c, b)
		r.known = r.known && known
		return r
	}
	if !known {
		return unknown
	}
	for _, base := range external {
		if !plainBase[base] {
			return just(Value{Kind: External, Name: base + "()." + name, Recv: &self})
		}
	}
	return just(Value{Kind: External, Name: "builtins.object()." + name, Recv: &self})
}

// plainBase lists bases that bring no behaviour of their own.
var plainBase = map[string]bool{
	"builtins.object": true, "abc.ABC": true, "typing.Generic": true, "typing.Protocol": true, "typing.NamedTuple": true,
}

// attribute returns the values of an attribute of one value.
func (p *Project) attribute(v Value, name string) result {
	switch v.Kind {
	case Module:
		return p.moduleAttr(v.Mod, name)
	case External:
		if folder, ok := strings.CutPrefix(v.Name, namespacePrefix); ok {
			return p.inNamespace(folder, name)
		}
		if circles(v.Name, name) {
			return unknown
		}
		recv := v
		return just(Value{Kind: External, Name: v.Name + "." + name, Node: v.Node, Recv: &recv})
	case Literal:
		if v.Node.Is("none") {
			return nothing() // an AttributeError
		}
		recv := v
		return just(Value{Kind: External, Name: literalType(v.Node) + "." + name, Node: v.Node, Recv: &recv})
	case Instance, Class:
		type attributeKey struct {
			valueKey
			open bool
			attr string
		}
		return p.eval.ask(attributeKey{v.key(), v.open(), name}, func() result { return p.classAttr(v, name) })
	}
	return unknown
}

// circles says whether one more attribute would make a path that goes round:
// "node = node.next" has no end.
func circles(path, attr string) bool {
	start, _, called := strings.Cut(path, "()")
	if len(path) > maxPath || strings.Count(start, "."+attr) > 1 {
		return true
	}
	return called && slices.Contains(strings.FieldsFunc(path[len(start):], func(r rune) bool { return strings.ContainsRune(".()[]", r) }), attr)
}

// maxPath bounds the length of the name of an External in bytes.
const maxPath = 120

// literalType names the builtin type of a display or constant.
func literalType(n *syntax.Node) string {
	switch n.Kind {
	case "binary_operator":
		if constantOperator(n) {
			return "builtins.object"
		}
		return "builtins.list"
	case "list", "list_comprehension":
		return "builtins.list"
	case "dictionary", "dictionary_comprehension":
		return "builtins.dict"
	case "set", "set_comprehension":
		return "builtins.set"
	case "tuple", "expression_list", "argument_list":
		return "builtins.tuple"
	case "string", "concatenated_string":
		return "builtins.str"
	case "integer":
		return "builtins.int"
	case "float":
		return "builtins.float"
	}
	return "builtins.object"
}

// classAttr looks an attribute up on a class of the project or its instances:
// what methods and other code store, what the class body or the nearest base
// defines and, when the object may be of a subclass, what those define.
func (p *Project) classAttr(v Value, name string) result {
	line, external, known := p.ancestors(v.Def)
	family := line
	if v.open() {
		family = append(line[:len(line):len(line)], p.subclasses(v.Def)...)
	}
	out := result{known: known}
	found, inherited := false, false
	for i, c := range family {
		b := c.Scope.Names[name]
		if b == nil || inherited && i < len(line) {
			continue
		}
		found = true
		inherited = true
		out.join(p.inClass(v, c, b))
		if p.isField(c, name) && v.Kind == Instance {
			out.join(p.field(v, name))
		}
	}
	for _, s := range p.idx().attrStores[name] {
		if !p.storesTo(s, v, family) {
			continue
		}
		found = true
		out.join(p.attrStored(s))
	}
	for _, s := range p.idx().wildStores {
		if p.storesTo(s, v, family) {
			out.known = false
			break
		}
	}
	if !found {
		for _, e := range external {
			if !plainBase[e] {
				recv := v
				suffix := "()."
				if v.Kind == Class {
					suffix = "."
				}
				out.join(just(Value{Kind: External, Name: e + suffix + name, Node: v.Node, Recv: &recv}))
				return out
			}
		}
		return unknown
	}
	if len(out.values) == 0 { // only annotated, or stored from what has no values
		out.known = false
	}
	return out
}

// open says whether the value may be of a subclass of its class.
func (v Value) open() bool {
	return v.Kind == Instance && v.Node == nil || v.Kind == Class && v.Recv != nil
}

// attrStored returns what a store puts into an attribute.
func (p *Project) attrStored(s attrStore) result {
	switch {
	case s.value == nil:
		return unknown
	case s.augmented != nil:
		return p.augmented(s.augmented, s.value)
	case s.loop:
		return p.at(p.iterated(p.values(s.value)), s.path)
	case s.with:
		return p.at(p.entered(s.value), s.path)
	}
	return p.at(p.values(s.value), s.path)
}

// inClass returns what a name of a class body is as an attribute of v.
func (p *Project) inClass(v Value, c *Def, b *scope.Binding) result {
	out := nothing()
	for _, d := range b.Defs {
		if d.Kind != scope.FuncDef {
			out.join(p.defValues(b, d))
			continue
		}
		def := p.defAt(p.inner(d.Node))
		recv := v
		switch {
		case def == nil || def.accessor() || def.DecoratedBy("typing.overload"):
		case def.DecoratedBy("builtins.property", "functools.cached_property", "abc.abstractproperty"):
			if v.Kind == Instance {
				out.join(p.returned(Value{Kind: Method, Def: def, Recv: &recv}))
			}
		case def.IsStatic() || (v.Kind == Class && !def.IsClassMethod()):
			out.add(Value{Kind: Function, Def: def})
		default:
			out.add(Value{Kind: Method, Def: def, Recv: &recv})
		}
	}
	return out
}

// accessor says whether the method is the setter or deleter of a property.
func (d *Def) accessor() bool {
	for _, e := range d.Decorators() {
		if e.Is("attribute") && (e.Field("attribute").Text() == "setter" || e.Field("attribute").Text() == "deleter") {
			return true
		}
	}
	return false
}

// storesTo says whether an attribute store may be seen in v, an object of one
// of the classes or one of them.
func (p *Project) storesTo(s attrStore, v Value, family []*Def) bool {
	if s.object.Is("identifier") {
		if def := p.enclosing(s.object); def != nil && def.Class != nil && def.Self() == s.object.Text() {
			return contains(family, def.Class) && (v.Kind == Instance || def.IsClassMethod())
		}
	}
	for _, have := range p.values(s.object).values {
		if !contains(family, have.Def) {
			continue
		}
		switch have.Kind {
		case Class:
			return true
		case Instance:
			if v.Kind == Instance && (have.Node == nil || v.Node == nil || have.Node == v.Node) {
				return true
			}
		}
	}
	return false
}

func contains(defs []*Def, d *Def) bool {
	for _, have := range defs {
		if have == d {
			return true
		}
	}
	return false
}

// isField says whether a name of a class is filled by a generated constructor:
// that of a dataclass, a NamedTuple or an attrs class.
func (p *Project) isField(c *Def, name string) bool {
	return p.generated(c) && slices.Contains(p.ownFields(c), name)
}

func (p *Project) generated(c *Def) bool {
	if c.Scope.Names["__init__"] != nil {
		return false
	}
	if c.DecoratedBy("dataclasses.dataclass", "attr.s", "attr.attrs", "attr.define", "attrs.define", "attrs.frozen", "attr.frozen", "attr.dataclass") {
		return true
	}
	for _, b := range p.bases(c).values {
		if b.Is("typing.NamedTuple") {
			return true
		}
	}
	return false
}

// field returns what generated constructors are given for a field.
func (p *Project) field(v Value, name string) result {
	out := nothing()
	use := func(class *Def, call *syntax.Node) {
		position := slices.Index(p.fields(class), name)
		args := syntax.CallArgs(call)
		switch {
		case args.Keywords[name] != nil:
			out.join(p.values(args.Keywords[name]))
		case position >= 0 && position < len(args.Positional):
			out.join(p.values(args.Positional[position]))
		case len(args.Stars) > 0 || len(args.DoubleStars) > 0 || args.Broken:
			out.known = false
		}
	}
	if v.Node.Is("call") && p.makes(v.Node, v.Def) {
		use(v.Def, v.Node)
		return out
	}
	for _, class := range append([]*Def{v.Def}, p.subclasses(v.Def)...) {
		for _, call := range p.constructions(class) {
			use(class, call)
		}
	}
	return out
}

// makes says whether a call is one of the class itself.
func (p *Project) makes(call *syntax.Node, class *Def) bool {
	for _, v := range p.values(call.Field("function")).values {
		if v.Kind == Class && v.Def == class {
			return true
		}
	}
	return false
}

// fields lists the fields of a class and its bases in the order of the
// generated constructor.
func (p *Project) fields(class *Def) []string {
	line, _, _ := p.ancestors(class)
	var names []string
	for i := len(line) - 1; i >= 0; i-- {
		for _, name := range p.ownFields(line[i]) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// ownFields lists the annotated names of a class body in order, less class
// variables and fields without a place in the constructor.
func (p *Project) ownFields(class *Def) []string {
	var names []string
	for _, s := range class.Body().NamedChildren() {
		if s.Kind != "expression_statement" {
			continue
		}
		for _, a := range s.NamedChildren() {
			if a.Kind != "assignment" || a.Field("type") == nil || !a.Field("left").Is("identifier") {
				continue
			}
			if strings.Contains(a.Field("type").Text(), "ClassVar") {
				continue
			}
			if call := a.Field("right"); call.Is("call") && syntax.CallArgs(call).Keywords["init"].Is("false") {
				continue
			}
			names = append(names, a.Field("left").Text())
		}
	}
	return names
}

// Bases returns the origins of a class's bases.
func (p *Project) Bases(class *Def) (values []Value, known bool) {
	p.lock()
	defer p.mu.Unlock()
	r := p.bases(class)
	return slices.Clone(r.values), r.known
}

func (p *Project) bases(class *Def) result {
	type basesKey struct{ d *Def }
	return p.eval.ask(basesKey{class}, func() result {
		r := nothing()
		for _, b := range class.Node.Field("superclasses").NamedChildren() {
			if b.Kind == "keyword_argument" {
				continue
			}
			if b.Kind == "subscript" { // Generic[T]
				b = b.Field("value")
			}
			more := p.values(b)
			r.join(more)
			r.known = r.known && len(more.values) > 0
		}
		return r
	})
}

// Ancestors returns the class and its project bases, nearest first, and the
// external bases ("multiprocessing.Process") met on the way.
func (p *Project) Ancestors(class *Def) (line []*Def, external []string, known bool) {
	p.lock()
	defer p.mu.Unlock()
	return p.ancestors(class)
}

func (p *Project) ancestors(class *Def) (line []*Def, external []string, known bool) {
	type ancestorsKey struct{ d *Def }
	r := p.eval.ask(ancestorsKey{class}, func() result {
		out := result{values: []Value{{Kind: Class, Def: class}}, known: true, inOrder: true}
		var add func(c *Def)
		add = func(c *Def) {
			bases := p.bases(c)
			out.known = out.known && bases.known
			for _, b := range bases.values {
				switch b.Kind {
				case Class, External:
					if b.Kind == Class {
						b = Value{Kind: Class, Def: b.Def}
					} else if b = (Value{Kind: External, Name: b.Name}); b.Name == "builtins.object" {
						continue
					}
					if out.merge(b) {
						continue
					}
					out.values = append(out.values, b)
					if b.Kind == Class {
						add(b.Def)
					}
				default:
					out.known = false
				}
			}
		}
		add(class)
		return out
	})
	for _, v := range r.values {
		if v.Kind == Class {
			line = append(line, v.Def)
		} else {
			external = append(external, v.Name)
		}
	}
	if len(line) == 0 {
		line, r.known = []*Def{class}, false
	}
	return line, external, r.known
}

// Subclasses lists the loaded classes below a class, by place.
func (p *Project) Subclasses(class *Def) []*Def {
	p.lock()
	defer p.mu.Unlock()
	return p.subclasses(class)
}

func (p *Project) subclasses(class *Def) []*Def {
	type subclassesKey struct{ d *Def }
	r := p.eval.ask(subclassesKey{class}, func() result {
		out := nothing()
		for _, name := range p.idx().aliasesOf(class.Name) {
			for _, c := range p.idx().byBase[name] {
				if c == class {
					continue
				}
				if line, _, _ := p.ancestors(c); !contains(line, class) {
					continue
				}
				for _, below := range append([]*Def{c}, p.subclasses(c)...) {
					if v := (Value{Kind: Class, Def: below}); below != class && !out.merge(v) {
						out.values = append(out.values, v)
					}
				}
			}
		}
		return out
	})
	var below []*Def
	for _, v := range r.sorted() {
		below = append(below, v.Def)
	}
	return below
}

// Method returns the definition of a method as an instance of the class finds
// it; nil when no project class of its line has it.
func (p *Project) Method(class *Def, name string) *Def {
	p.lock()
	defer p.mu.Unlock()
	return p.method(class, name)
}

func (p *Project) method(class *Def, name string) *Def {
	line, _, _ := p.ancestors(class)
	for _, c := range line {
		if b := c.Scope.Names[name]; b != nil {
			for i := len(b.Defs) - 1; i >= 0; i-- {
				if b.Defs[i].Kind == scope.FuncDef {
					return p.defAt(p.inner(b.Defs[i].Node))
				}
			}
		}
	}
	return nil
}

// ClassNamed returns the class bound to a name at the top of a module.
func (p *Project) ClassNamed(m *scope.Module, name string) *Def {
	p.lock()
	defer p.mu.Unlock()
	for _, v := range p.moduleAttr(m, name).values {
		if v.Kind == Class {
			return v.Def
		}
	}
	return nil
}

// yielded returns what a generator gives.
func (p *Project) yielded(v Value) result {
	if v.Def == nil {
		return unknown
	}
	r := nothing()
	v.Def.walkOwn(func(n *syntax.Node) {
		if n.Kind != "yield" {
			return
		}
		c := n.NamedChildren()
		if len(c) == 0 {
			return
		}
		if strings.HasPrefix(n.Text(), "yield from") {
			r.join(p.iterated(p.values(c[0])))
		} else {
			r.join(p.values(c[0]))
		}
	})
	return r
}
