package project

import (
	"encoding/binary"
	"slices"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// index lists, for all loaded modules in order, what questions about callers
// and contents have to look through.
type index struct {
	flow       *flow
	aliases    map[string][]string // other names a name is bound to
	attrStores map[string][]attrStore
	wildStores []attrStore // under names that are not in the text
	attrLoads  map[string][]*syntax.Node
	byBase     map[string][]*Def // classes by the last name of a base
	sites      []storeSite
	fields     []objectStore
	named      map[string]bool        // names in strings given to getattr
	dynamic    map[*scope.Module]bool // modules that use globals(), exec and the like

	traces map[string]*trace
}

// attrStore is a store to an attribute of an object.
type attrStore struct {
	object *syntax.Node
	value  *syntax.Node // nil when unknown
	path   []int
	loop   bool // a for target: value is iterated over
	with   bool // a with target: value is entered

	augmented *syntax.Node // the augmented assignment that it is
}

// objectStore is an expression stored in an attribute.
type objectStore struct{ object, value *syntax.Node }

// storeSite is a place where something is put into a container.
type storeSite struct {
	receiver *syntax.Node
	store    store
}

type store struct {
	key   *syntax.Node // of d[key] = value; nil otherwise
	value *syntax.Node
	whole bool // the elements of value are added: extend, update, +=
	Node  *syntax.Node

	augmented *syntax.Node // the augmented assignment that it is
}

// adders maps methods of the builtin containers to the position of the
// argument they store, and whether its elements are stored.
var adders = map[string]struct {
	arg   int
	whole bool
}{
	"append": {0, false}, "appendleft": {0, false}, "add": {0, false}, "insert": {1, false},
	"extend": {0, true}, "extendleft": {0, true}, "update": {0, true}, "setdefault": {1, false},
}

func (p *Project) idx() *index {
	if p.index != nil {
		return p.index
	}
	x := &index{
		flow:       newFlow(),
		aliases:    map[string][]string{},
		attrStores: map[string][]attrStore{},
		attrLoads:  map[string][]*syntax.Node{},
		byBase:     map[string][]*Def{},
		named:      map[string]bool{},
		dynamic:    map[*scope.Module]bool{},
		traces:     map[string]*trace{},
	}
	p.index = x
	for _, m := range p.loaded {
		m.Tree.Root.Walk(func(n *syntax.Node) bool {
			x.flow.declare(m, n)
			return true
		})
	}
	for _, m := range p.loaded {
		for _, imp := range m.Imports {
			if imp.Member != "" && imp.Local != "" && imp.Local != imp.Member {
				x.alias(imp.Member, imp.Local)
			}
		}
		x.scope(m.Top)
		m.Tree.Root.Walk(func(n *syntax.Node) bool {
			p.indexNode(x, m, n)
			x.flow.add(p, m, n)
			return true
		})
	}
	for i, s := range x.sites {
		m := p.moduleOf(s.receiver)
		for _, v := range x.flow.sources(m, s.receiver) {
			x.flow.stored[v] = append(x.flow.stored[v], i)
		}
		if s.store.value != nil {
			x.flow.into(m, s.store.value, x.flow.element)
		}
	}
	for i, s := range x.fields {
		m := p.moduleOf(s.object)
		for _, v := range x.flow.sources(m, s.value) {
			x.flow.fields[v] = append(x.flow.fields[v], i)
		}
	}
	x.flow.finish(p)
	return x
}

func (x *index) alias(name, other string) {
	if !slices.Contains(x.aliases[name], other) {
		x.aliases[name] = append(x.aliases[name], other)
		x.flow.alias(name, other)
	}
}

// scope adds the names of a scope and those inside it to the flow.
func (x *index) scope(s *scope.Scope) {
	for _, b := range s.Names {
		x.flow.binding(b)
	}
	for _, k := range s.Children {
		x.scope(k)
	}
}

// aliasesOf lists the last names under which a thing of a name may go.
func (x *index) aliasesOf(name string) []string {
	names := []string{name}
	seen := map[string]bool{name: true}
	for i := 0; i < len(names); i++ {
		for _, a := range x.aliases[names[i]] {
			if !seen[a] {
				seen[a] = true
				names = append(names, a)
			}
		}
	}
	return names
}

func (p *Project) indexNode(x *index, m *scope.Module, n *syntax.Node) {
	switch n.Kind {
	case "class_definition":
		d := p.defAt(n)
		if d == nil || d.Scope == nil {
			return
		}
		for _, b := range n.Field("superclasses").NamedChildren() {
			if b.Is("subscript") {
				b = b.Field("value")
			}
			if name := lastName(b); name != "" && !slices.Contains(x.byBase[name], d) {
				x.byBase[name] = append(x.byBase[name], d)
			}
		}
	case "call":
		p.indexCall(x, m, n)
	case "attribute":
		name := n.Field("attribute").Text()
		x.attrLoads[name] = append(x.attrLoads[name], n)
	case "assignment":
		right := n.Field("right")
		if right == nil {
			return
		}
		value := right
		for value.Is("assignment") {
			value = value.Field("right")
		}
		p.indexTarget(x, n.Field("left"), value, nil, false)
		if name := lastName(right); name != "" {
			if to := lastName(n.Field("left")); to != "" && to != name {
				x.alias(name, to)
			}
		}
	case "augmented_assignment":
		op := n.Field("operator").Text()
		if n.Field("left").Is("identifier", "attribute", "subscript") && (op == "+=" || op == "|=") {
			x.sites = append(x.sites, storeSite{n.Field("left"), store{value: n.Field("right"), whole: true, Node: n}})
		}
		switch left := n.Field("left"); left.Kind {
		case "attribute":
			name := left.Field("attribute").Text()
			x.attrStores[name] = append(x.attrStores[name], attrStore{object: left.Field("object"), value: n.Field("right"), augmented: n})
		case "subscript":
			x.sites = append(x.sites, storeSite{left.Field("value"), store{key: left.Field("subscript"), value: n.Field("right"), Node: n, augmented: n}})
		}
	case "for_statement", "for_in_clause":
		if right := n.Fields("right"); len(right) == 1 {
			p.indexTarget(x, n.Field("left"), right[0], nil, true)
		}
	case "as_pattern":
		if target := firstNamed(n.Field("alias")); target.Is("attribute") && n.Parent.Is("with_item") {
			name := target.Field("attribute").Text()
			x.attrStores[name] = append(x.attrStores[name], attrStore{object: target.Field("object"), value: firstNamed(n), with: true})
		}
	}
}

func (p *Project) indexCall(x *index, m *scope.Module, n *syntax.Node) {
	f := n.Field("function")
	name := lastName(f)
	args := syntax.CallArgs(n)
	if a, ok := adders[name]; ok && f.Is("attribute") {
		add := func(s store) { x.sites = append(x.sites, storeSite{f.Field("object"), s}) }
		if len(args.Positional) > a.arg {
			s := store{value: args.Positional[a.arg], whole: a.whole, Node: n}
			if name == "setdefault" {
				s.key = args.Positional[0]
			}
			add(s)
		}
		if name == "update" {
			for _, k := range args.Names {
				add(store{value: args.Keywords[k], Node: n})
			}
			if len(args.DoubleStars) > 0 {
				add(store{Node: n})
			}
		}
		if len(args.Stars) > 0 {
			add(store{Node: n})
		}
	}
	if a, ok := adderFunctions[name]; ok && len(args.Positional) > 1 {
		x.sites = append(x.sites, storeSite{args.Positional[0], store{value: args.Positional[1], whole: a, Node: n}})
	}
	if !f.Is("identifier") || m.Binding(f) != nil {
		return
	}
	switch name {
	case "exec", "eval", "globals":
		// With a namespace of its own the code cannot name those of the module.
		if len(args.Positional) < 2 || !args.Positional[1].Is("dictionary") {
			x.dynamic[m] = true
		}
	case "getattr", "setattr", "hasattr", "delattr":
		if len(args.Positional) < 2 {
			return
		}
		attr, ok := syntax.StringValue(args.Positional[1])
		if ok {
			x.named[attr] = true
		}
		if name != "setattr" || len(args.Positional) < 3 {
			return
		}
		s := attrStore{object: args.Positional[0], value: args.Positional[2]}
		if ok {
			x.attrStores[attr] = append(x.attrStores[attr], s)
			x.flow.into(m, s.value, x.flow.id(attrVertex(attr)))
		} else {
			x.wildStores = append(x.wildStores, s)
		}
	}
}

// adderFunctions lists functions that put their second argument into the list
// that is their first.
var adderFunctions = map[string]bool{"heappush": false, "heappushpop": false, "heapreplace": false, "insort": false, "insort_left": false, "insort_right": false}

// indexTarget records stores to attributes and subscripts in an assignment's
// target.
func (p *Project) indexTarget(x *index, target, value *syntax.Node, path []int, loop bool) {
	if target == nil {
		return
	}
	switch target.Kind {
	case "attribute":
		name := target.Field("attribute").Text()
		x.attrStores[name] = append(x.attrStores[name], attrStore{object: target.Field("object"), value: value, path: path, loop: loop})
		if len(path) == 0 && !loop {
			x.fields = append(x.fields, objectStore{target.Field("object"), value})
		}
	case "subscript":
		if len(path) == 0 && !loop {
			x.sites = append(x.sites, storeSite{target.Field("value"), store{key: target.Field("subscript"), value: value, Node: target}})
		} else {
			x.sites = append(x.sites, storeSite{target.Field("value"), store{key: target.Field("subscript"), Node: target}})
		}
	case "pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "parenthesized_expression":
		for i, c := range target.NamedChildren() {
			p.indexTarget(x, c, value, append(path[:len(path):len(path)], i), loop)
		}
	}
}

// storesOf lists what is put into a container after it was made, in order.
func (p *Project) storesOf(v Value) []store {
	if !v.mutable() {
		return nil
	}
	x := p.idx()
	var found []store
	k := v.key()
	start := []int{x.flow.id(v.Node)}
	if v.viaFactory {
		start = append(start, x.flow.element)
	}
	sites, known := p.sitesAt(x.trace(start...), v)
	if !known {
		found = append(found, store{}) // something that is not known
	}
	for _, i := range sites {
		s := x.sites[i]
		for _, have := range p.values(s.receiver).values {
			if have.key() == k {
				found = append(found, s.store)
				break
			}
		}
	}
	return found
}

// trace returns where things that start at the vertices may come to.
func (x *index) trace(start ...int) *trace {
	var key []byte
	for _, v := range start {
		key = binary.AppendUvarint(key, uint64(v))
	}
	t := x.traces[string(key)]
	if t == nil {
		t = x.flow.follow(start...)
		x.traces[string(key)] = t
	}
	return t
}

// mutable says whether the value is a container that can be added to.
func (v Value) mutable() bool {
	if v.Node == nil || v.packed() {
		return false
	}
	switch v.Kind {
	case Literal:
		return v.Node.Is("list", "dictionary", "set", "list_comprehension", "dictionary_comprehension", "set_comprehension", "binary_operator")
	case External:
		made := v.ResultOf()
		switch plain(made) {
		case "builtins.list", "builtins.set", "builtins.sorted", "collections.deque", "builtins.list.copy", "builtins.set.copy":
			return true
		}
		return dicts[made] || dictMethod(plain(made), ".copy")
	}
	return false
}

// lastName returns the name of an identifier, or the attribute name at the end
// of a dotted expression; "" for anything else.
func lastName(n *syntax.Node) string {
	switch {
	case n.Is("identifier"):
		return n.Text()
	case n.Is("attribute"):
		return n.Field("attribute").Text()
	}
	return ""
}

// dynamicCallee says whether a callee is a name that gets its value from a
// call, a loop or a parameter, so that its own name says nothing.
func dynamicCallee(m *scope.Module, f *syntax.Node) bool {
	if !f.Is("identifier") {
		return !f.Is("attribute")
	}
	b := m.Binding(f)
	if b == nil {
		return false
	}
	for _, d := range b.Defs {
		switch d.Kind {
		case scope.FuncDef, scope.ClassDef, scope.Imported:
		case scope.Assign:
			if lastName(d.Value) == "" {
				return true
			}
		default:
			return true
		}
	}
	return false
}
