package project

import (
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
	base := p.values(object)
	out := result{known: base.known}
	for _, v := range base.values {
		out.join(p.attribute(v, name))
	}
	return out
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
	for _, base := range p.bases(def.Class).values {
		switch base.Kind {
		case Class:
			if m := p.method(base.Def, name); m != nil {
				return just(Value{Kind: Method, Def: m, Recv: &self})
			}
		case External:
			return just(Value{Kind: External, Name: base.Name + "()." + name, Recv: &self})
		}
	}
	return unknown
}

// attribute returns the values of an attribute of one value.
func (p *Project) attribute(v Value, name string) result {
	switch v.Kind {
	case Module:
		return p.moduleAttr(v.Mod, name)
	case External:
		recv := v
		return just(Value{Kind: External, Name: v.Name + "." + name, Node: v.Node, Recv: &recv})
	case Literal:
		recv := v
		return just(Value{Kind: External, Name: literalType(v.Node) + "." + name, Node: v.Node, Recv: &recv})
	case Instance, Class:
		type attributeKey struct {
			valueKey
			attr string
		}
		return p.eval.ask(attributeKey{v.key(), name}, func() result { return p.classAttr(v, name) })
	}
	return unknown
}

// literalType names the builtin type of a display or constant.
func literalType(n *syntax.Node) string {
	switch n.Kind {
	case "list", "list_comprehension":
		return "builtins.list"
	case "dictionary", "dictionary_comprehension":
		return "builtins.dict"
	case "set", "set_comprehension":
		return "builtins.set"
	case "tuple", "expression_list":
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
// what methods and other code store, what the class body defines, what bases
// and subclasses do.
func (p *Project) classAttr(v Value, name string) result {
	out := nothing()
	family, external, known := p.family(v.Def)
	out.known = known
	found := false
	for _, c := range family {
		b := c.Scope.Names[name]
		if b == nil {
			continue
		}
		for _, d := range b.Defs {
			switch d.Kind {
			case scope.FuncDef:
				found = true
				def := p.defAt(p.inner(d.Node))
				switch {
				case def.DecoratedBy("builtins.property", "functools.cached_property"):
					if v.Kind == Instance {
						out.join(p.returned(Value{Kind: Method, Def: def, Recv: &v}))
					}
				case def.IsStatic() || (v.Kind == Class && !def.IsClassMethod()):
					out.add(Value{Kind: Function, Def: def})
				default:
					recv := v
					out.add(Value{Kind: Method, Def: def, Recv: &recv})
				}
			case scope.AnnOnly:
				found = true
				out.join(p.field(c, name))
			default:
				found = true
				out.join(p.defValues(b, d))
			}
		}
	}
	for _, s := range p.idx().attrStores[name] {
		if p.storesTo(s, family) {
			found = true
			if s.value == nil {
				out.known = false
				continue
			}
			r := p.values(s.value)
			if s.loop {
				r = p.elementsOf(r)
			}
			out.join(p.at(r, s.path))
		}
	}
	if !found {
		if external != "" {
			recv := v
			return just(Value{Kind: External, Name: external + "()." + name, Node: v.Node, Recv: &recv})
		}
		return unknown
	}
	return out
}

// storesTo says whether an attribute store is on an object of one of the
// classes.
func (p *Project) storesTo(s attrStore, family []*Def) bool {
	object := s.target.Field("object")
	if object.Is("identifier") {
		if def := p.enclosing(s.target); def != nil && def.Class != nil && def.Self() == object.Text() {
			return contains(family, def.Class)
		}
	}
	for _, v := range p.values(object).values {
		if (v.Kind == Instance || v.Kind == Class) && contains(family, v.Def) {
			return true
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

// field returns what the constructor of a dataclass or NamedTuple is given for
// a field that has no default in the class body.
func (p *Project) field(class *Def, name string) result {
	position := 0
	for _, f := range p.fields(class) {
		if f == name {
			break
		}
		position++
	}
	out := nothing()
	for _, call := range p.constructions(class) {
		args := syntax.CallArgs(call)
		switch {
		case args.Keywords[name] != nil:
			out.join(p.values(args.Keywords[name]))
		case position < len(args.Positional):
			out.join(p.values(args.Positional[position]))
		case len(args.Stars) > 0 || len(args.DoubleStars) > 0:
			out.known = false
		}
	}
	return out
}

// fields lists the annotated names of a class body in order.
func (p *Project) fields(class *Def) []string {
	var names []string
	for _, s := range class.Body().NamedChildren() {
		if s.Kind != "expression_statement" {
			continue
		}
		for _, a := range s.NamedChildren() {
			if a.Kind == "assignment" && a.Field("type") != nil && a.Field("left").Is("identifier") {
				names = append(names, a.Field("left").Text())
			}
		}
	}
	return names
}

// Bases returns the origins of a class's bases.
func (p *Project) Bases(class *Def) (values []Value, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := p.bases(class)
	return r.values, r.known
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
			r.join(p.values(b))
		}
		return r
	})
}

// Ancestors returns the class and its project bases, nearest first, and the
// external bases ("multiprocessing.Process") met on the way.
func (p *Project) Ancestors(class *Def) (line []*Def, external []string, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ancestors(class)
}

func (p *Project) ancestors(class *Def) (line []*Def, external []string, known bool) {
	known = true
	var visit func(c *Def)
	visit = func(c *Def) {
		if c == nil || contains(line, c) {
			return
		}
		line = append(line, c)
		r := p.bases(c)
		known = known && r.known
		for _, b := range r.values {
			switch b.Kind {
			case Class:
				visit(b.Def)
			case External:
				if b.Name != "builtins.object" {
					external = append(external, b.Name)
				}
			}
		}
	}
	visit(class)
	return line, external, known
}

// Subclasses lists the loaded classes below a class, by place.
func (p *Project) Subclasses(class *Def) []*Def {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.subclasses(class)
}

func (p *Project) subclasses(class *Def) []*Def {
	var below []*Def
	for _, c := range p.idx().classes {
		if c == class {
			continue
		}
		if line, _, _ := p.ancestors(c); contains(line, class) {
			below = append(below, c)
		}
	}
	return below
}

// family is a class with its ancestors and subclasses, and the first external
// base. It is unknown when a base cannot be resolved.
func (p *Project) family(class *Def) (all []*Def, external string, known bool) {
	line, ext, known := p.ancestors(class)
	all = append(all, line...)
	for _, c := range p.subclasses(class) {
		if !contains(all, c) {
			all = append(all, c)
		}
	}
	for _, e := range ext {
		switch e {
		case "abc.ABC", "typing.Generic", "typing.Protocol", "typing.NamedTuple":
			continue
		}
		external = e
		break
	}
	return all, external, known
}

// Method returns the definition of a method as an instance of the class finds
// it; nil when no project class of its line has it.
func (p *Project) Method(class *Def, name string) *Def {
	p.mu.Lock()
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
	p.mu.Lock()
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
			r.join(p.elementsOf(p.values(c[0])))
		} else {
			r.join(p.values(c[0]))
		}
	})
	return r
}
