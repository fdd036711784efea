package process

import (
	"sort"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// AttributeSites lists the places that store or delete attributes of the
// objects of a class: in its methods and those of its bases through self, and
// the fields of dataclasses. Attributes of the class itself are left out; they
// are not pickled.
func (m *Model) AttributeSites(class *project.Def) []*AttributeSite {
	line, _, _ := m.Project.Ancestors(class)
	var sites []*AttributeSite
	for _, c := range line {
		if dataclass(c) {
			sites = append(sites, fields(c)...)
		}
		var here []*AttributeSite
		c.Body().Walk(func(n *syntax.Node) bool {
			if n.Kind == "class_definition" {
				return false
			}
			if n.Kind != "attribute" || !project.StoredTo(n) && !withTarget(n) {
				return true
			}
			in := m.Project.Enclosing(n)
			if in == nil || in.Class != c || in.Self() == "" || in.IsClassMethod() || n.Field("object").Text() != in.Self() {
				return true
			}
			here = append(here, &AttributeSite{Attr: n.Field("attribute").Text(), Target: n, Value: storedBy(n), In: in})
			return true
		})
		sort.SliceStable(here, func(i, j int) bool { return here[i].Target.Start < here[j].Target.Start })
		sites = append(sites, here...)
	}
	return sites
}

// withTarget says whether an attribute is what "with … as" binds.
func withTarget(n *syntax.Node) bool { return n.Parent.Is("as_pattern_target") }

// storedBy returns the value that an assignment gives a target; nil for
// deletions, loops and targets whose part is not known.
func storedBy(target *syntax.Node) *syntax.Node {
	if withTarget(target) {
		if c := target.Parent.Parent.NamedChildren(); len(c) > 0 {
			return c[0]
		}
		return nil
	}
	up := target.Parent
	switch {
	case up.Is("assignment"):
		value := up.Field("right")
		for value.Is("assignment") {
			value = value.Field("right")
		}
		return value
	case up.Is("pattern_list", "tuple_pattern") && up.Parent.Is("assignment"):
		right := syntax.Unparen(up.Parent.Field("right"))
		if !right.Is("expression_list", "tuple") {
			return nil
		}
		left, values := up.NamedChildren(), right.NamedChildren()
		if len(left) != len(values) {
			return nil
		}
		for i := range left {
			if left[i].Is("list_splat_pattern") || values[i].Is("list_splat") {
				return nil
			}
			if left[i] == target {
				return values[i]
			}
		}
	}
	return nil
}

func dataclass(class *project.Def) bool {
	return class.DecoratedBy("dataclasses.dataclass", "attr.s", "attr.attrs", "attr.define", "attrs.define", "attrs.mutable", "attr.dataclass")
}

// fields lists the fields that a dataclass declares.
func fields(class *project.Def) []*AttributeSite {
	var found []*AttributeSite
	for _, s := range class.Body().NamedChildren() {
		if s.Kind != "expression_statement" {
			continue
		}
		for _, a := range s.NamedChildren() {
			if a.Kind == "assignment" && a.Field("type") != nil && a.Field("left").Is("identifier") {
				found = append(found, &AttributeSite{Attr: a.Field("left").Text(), Target: a.Field("left"), Value: a.Field("right")})
			}
		}
	}
	return found
}

// State says how objects of a class are pickled.
type State struct {
	// Opaque: the class or a base pickles in a way that is not understood.
	Opaque bool
	// Get is the __getstate__ that applies, nil if there is none.
	Get *project.Def
	// Result is the name of the dict that Get hands back.
	Result string
	// Dropped are the attributes that it leaves out or replaces.
	Dropped map[string]bool
}

// StateOf reads how objects of a class are pickled (The Python Standard Library,
// "Pickling Class Instances").
func (m *Model) StateOf(class *project.Def) State {
	s := State{Dropped: map[string]bool{}}
	for _, name := range []string{"__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__"} {
		if m.hasAttribute(class, name) {
			s.Opaque = true
			return s
		}
	}
	if m.copyreg(class) {
		s.Opaque = true
		return s
	}
	s.Get = m.Project.Method(class, "__getstate__")
	if s.Get == nil {
		s.Opaque = m.hasAttribute(class, "__getstate__")
		return s
	}
	s.Opaque = !m.readState(s.Get, &s, map[*project.Def]bool{})
	return s
}

// hasAttribute says whether the body of a class or of a base binds a name.
func (m *Model) hasAttribute(class *project.Def, name string) bool {
	line, _, _ := m.Project.Ancestors(class)
	for _, c := range line {
		if c.Scope.Names[name] != nil {
			return true
		}
	}
	return false
}

// copyreg says whether a reducer is registered for the class.
func (m *Model) copyreg(class *project.Def) bool {
	found := false
	for _, mod := range m.Project.Modules() {
		imported := false
		for _, imp := range mod.Imports {
			imported = imported || imp.Module == "copyreg" || imp.Module == "multiprocessing.reduction" || imp.Member == "reduction"
		}
		if !imported {
			continue
		}
		mod.Tree.Root.Walk(func(n *syntax.Node) bool {
			if n.Kind == "call" && (lastPart(n.Field("function")) == "pickle" || lastPart(n.Field("function")) == "register") {
				if args := syntax.CallArgs(n); len(args.Positional) > 0 {
					values, _ := m.Project.Values(args.Positional[0])
					for _, v := range values {
						found = found || v.Kind == project.Class && v.Def == class
					}
				}
			}
			return !found
		})
	}
	return found
}

func lastPart(n *syntax.Node) string {
	if n.Is("attribute") {
		return n.Field("attribute").Text()
	}
	return n.Text()
}

// readState reads a __getstate__ that copies the attributes, takes some out and
// returns the rest. It is false for any other form.
func (m *Model) readState(get *project.Def, s *State, busy map[*project.Def]bool) bool {
	if busy[get] || len(get.Params()) != 1 {
		return false
	}
	busy[get] = true
	name := ""
	self := get.Self()
	for _, stmt := range get.Body().NamedChildren() {
		if stmt.Is("return_statement") {
			c := stmt.NamedChildren()
			s.Result = name
			return len(c) == 1 && name != "" && c[0].Text() == name
		}
		if stmt.Is("delete_statement") {
			targets := stmt.NamedChildren()
			if len(targets) == 1 && targets[0].Is("expression_list") {
				targets = targets[0].NamedChildren()
			}
			for _, target := range targets {
				if !drop(target, name, s) {
					return false
				}
			}
			continue
		}
		if !stmt.Is("expression_statement") || len(stmt.NamedChildren()) != 1 {
			return false
		}
		switch e := stmt.NamedChildren()[0]; {
		case e.Is("string"): // a docstring
		case e.Is("assignment") && e.Field("left").Is("identifier") && name == "":
			if !m.copiesState(e.Field("right"), self, get, s, busy) {
				return false
			}
			name = e.Field("left").Text()
		case e.Is("assignment") && e.Field("left").Is("subscript"):
			if !drop(e.Field("left"), name, s) {
				return false
			}
		case e.Is("call") && e.Field("function").Is("attribute") && lastPart(e.Field("function")) == "pop" &&
			e.Field("function").Field("object").Text() == name:
			args := syntax.CallArgs(e)
			if len(args.Positional) == 0 {
				return false
			}
			key, ok := syntax.StringValue(args.Positional[0])
			if !ok {
				return false
			}
			s.Dropped[key] = true
		default:
			return false
		}
	}
	return false
}

// drop notes state["key"], deleted or replaced, as left out.
func drop(target *syntax.Node, name string, s *State) bool {
	if !target.Is("subscript") || name == "" || target.Field("value").Text() != name {
		return false
	}
	key, ok := syntax.StringValue(target.Field("subscript"))
	if ok {
		s.Dropped[key] = true
	}
	return ok
}

// copiesState says whether an expression is a copy of all attributes:
// self.__dict__.copy(), dict(self.__dict__), {**self.__dict__}, vars(self).copy()
// or what the base's __getstate__ gives.
func (m *Model) copiesState(e *syntax.Node, self string, get *project.Def, s *State, busy map[*project.Def]bool) bool {
	all := func(n *syntax.Node) bool {
		return n.Text() == self+".__dict__" || n.Text() == "vars("+self+")"
	}
	if e.Is("dictionary") {
		c := e.NamedChildren()
		return len(c) == 1 && c[0].Is("dictionary_splat") && len(c[0].NamedChildren()) == 1 && all(c[0].NamedChildren()[0])
	}
	if !e.Is("call") {
		return false
	}
	f, args := e.Field("function"), syntax.CallArgs(e)
	switch {
	case f.Is("identifier") && f.Text() == "dict", get.Module.Qualified(f) == "copy.copy":
		return len(args.Positional) == 1 && all(args.Positional[0])
	case f.Is("attribute") && lastPart(f) == "copy":
		if object := f.Field("object"); all(object) {
			return true
		} else {
			return m.copiesState(object, self, get, s, busy)
		}
	case f.Is("attribute") && lastPart(f) == "__getstate__" && f.Field("object").Is("call") && f.Field("object").Field("function").Text() == "super":
		bases, known := m.Project.Bases(get.Class)
		if !known {
			return false
		}
		for _, b := range bases {
			if b.Kind != project.Class {
				continue
			}
			if up := m.Project.Method(b.Def, "__getstate__"); up != nil {
				return m.readState(up, s, busy)
			}
		}
		return true // object.__getstate__, since Python 3.11
	}
	return false
}

// AttributeUses lists the mentions of an attribute of the objects of a class and
// of its subclasses and bases, stores included. A mention whose object is not
// known counts. all is false when the attribute may be reached unseen: by
// getattr() and its kin, or by vars() or __dict__ outside __getstate__ and
// __setstate__.
func (m *Model) AttributeUses(class *project.Def, attr string) (uses []*syntax.Node, all bool) {
	family := map[*project.Def]bool{}
	line, _, _ := m.Project.Ancestors(class)
	for _, c := range line {
		family[c] = true
		for _, sub := range m.Project.Subclasses(c) {
			family[sub] = true
		}
	}
	all = true
	for _, mod := range m.Project.Modules() {
		mod.Tree.Root.Walk(func(n *syntax.Node) bool {
			switch n.Kind {
			case "attribute":
				if n.Field("attribute").Text() == attr && m.mayBe(n.Field("object"), family) {
					uses = append(uses, n)
				}
				if n.Field("attribute").Text() == "__dict__" && m.mayBe(n.Field("object"), family) && !stateMethod(m.Project.Enclosing(n)) {
					all = false
				}
			case "call":
				f := n.Field("function")
				if !f.Is("identifier") || mod.Binding(f) != nil {
					return true
				}
				args := syntax.CallArgs(n)
				switch f.Text() {
				case "getattr", "setattr", "delattr", "hasattr":
					if len(args.Positional) > 1 && m.mayBe(args.Positional[0], family) {
						name, ok := syntax.StringValue(args.Positional[1])
						all = all && ok && name != attr
					}
				case "vars":
					if len(args.Positional) == 1 && m.mayBe(args.Positional[0], family) && !stateMethod(m.Project.Enclosing(n)) {
						all = false
					}
				}
			}
			return true
		})
	}
	return uses, all
}

func stateMethod(d *project.Def) bool {
	return d != nil && d.Class != nil && (d.Name == "__getstate__" || d.Name == "__setstate__" || d.Name == "__repr__" || d.Name == "__eq__")
}

// mayBe says whether an expression may hold an object of one of the classes.
func (m *Model) mayBe(expr *syntax.Node, family map[*project.Def]bool) bool {
	values, known := m.Project.Values(expr)
	for _, v := range values {
		if (v.Kind == project.Instance || v.Kind == project.Class) && family[v.Def] {
			return true
		}
	}
	if known {
		return false
	}
	// A name of another kind is no object of the project.
	if mod := m.Project.ModuleOf(expr); mod != nil && mod.Qualified(expr) != "" {
		return false
	}
	return true
}
